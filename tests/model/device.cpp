#include "tests/model/device.hpp"

#include <stdexcept>
#include <thread>

namespace fechatter::model {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Instances are killed meanwhile, and a new holder of the relay's lease waits for the old one's.
constexpr auto deadline = 60s;

}  // namespace

void Device::read_by_rest() {
  const auto state = user_.read_all();
  model_ = ClientModel{user_.user()};
  for (const auto& user : state.users) model_.show_user(user);
  for (const auto& chat : state.chats) model_.show_chat(chat);
  for (const auto& [chat, messages] : state.messages) {
    for (const auto& message : messages) model_.show_message(message);
  }
  for (const auto& draft : state.drafts) model_.show_draft(draft);
  if (cursor_.empty()) cursor_ = state.position;
}

test::SseStream& Device::stream() {
  if (cursor_.empty()) read_by_rest();
  const auto end = Clock::now() + deadline;
  while (!stream_) {
    auto headers = user_.bearer();
    headers["Last-Event-ID"] = cursor_;
    try {
      auto opened = std::make_unique<test::SseStream>(dice_.of(notifies_), "/events", headers);
      if (opened->status() == 200) stream_ = std::move(opened);
    } catch (const std::runtime_error&) {}  // this instance is down
    if (!stream_ && Clock::now() > end) throw std::runtime_error{"no instance opens a stream"};
    if (!stream_) std::this_thread::sleep_for(50ms);
  }
  return *stream_;
}

void Device::glances() {
  while (const auto event = stream().next(0ms)) apply(*event);
}

void Device::begins_anew() {
  goes_away();
  cursor_.clear();
}

bool Device::reads_until(const std::string& custom_status) {
  const auto end = Clock::now() + deadline;
  while (status_ != custom_status && Clock::now() < end) {
    if (const auto event = stream().next(1s)) {
      apply(*event);
    } else {
      goes_away();  // the stream has ended, or it may as well
    }
  }
  return status_ == custom_status;
}

void Device::apply(const test::SseEvent& event) {
  if (event.name == "Reset") {
    // Its position and what follows are on this stream.
    read_by_rest();
  } else if (event.name == "PreferencesUpdated" && !event.data.contains("chat_id")) {
    const auto& status = event.data.at("custom_status");
    status_ = status.is_string() ? status.get<std::string>() : "";
  } else if (!event.name.empty() && event.name != "CaughtUp") {
    const auto unknown = model_.apply(event.name, event.data);
    if (unknown && !user_.read_chat(*unknown, model_)) model_.drop_chat(*unknown);
  }
  if (!event.id.empty()) cursor_ = event.id;
}

}  // namespace fechatter::model
