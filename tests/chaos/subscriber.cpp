#include "tests/chaos/subscriber.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace fechatter::chaos {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int small_buffer = 4096;
constexpr seconds head_timeout{4};
// Longer than the heartbeat interval: a real client would treat the connection as dead.
constexpr seconds silence_max{40};

Position parse_position(std::string_view text) {
  Position position;
  const auto* end = text.data() + text.size();
  const auto [dash, error] = std::from_chars(text.data(), end, position.epoch);
  if (dash != end) std::from_chars(dash + 1, end, position.stream_seq);
  return position;
}

// The value of the line that starts with `name`; empty without such a line.
std::string_view field(std::string_view frame, std::string_view name) {
  while (!frame.empty()) {
    const auto line = frame.substr(0, frame.find('\n'));
    if (line.starts_with(name)) return line.substr(name.size());
    frame.remove_prefix(std::min(frame.size(), line.size() + 1));
  }
  return {};
}

std::int64_t number_in(const json& data, const char* name) {
  const auto found = data.find(name);
  return found != data.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

StreamEntry event_of(std::string_view type, const json& data) {
  StreamEntry entry;
  entry.kind = StreamEntry::Kind::event;
  entry.text = type;
  entry.event_id = number_in(data, "event_id");
  entry.chat = number_in(data, "chat_id");
  // Events about a message that do not show it have its number beside other things.
  const bool shows = type == "NewMessage" || type == "MessageUpdated" || type == "MessageDeleted";
  entry.seq = shows ? number_in(data, "seq") : 0;
  entry.message = number_in(data, "id");
  entry.content_hash = std::hash<std::string>{}(data.value("content", ""));
  return entry;
}

}  // namespace

Subscriber::Subscriber(Traffic& traffic, std::int64_t number, std::int64_t person)
    : traffic_{traffic}, person_{traffic.population.person(person)} {
  log_.subscriber = number;
  log_.person = person;
  progress_.subscriber = number;
  progress_.person = person;
}

awaitable<> Subscriber::run() {
  while (!traffic_.stopping) {
    auto holding = hold_connection();
    co_await std::move(holding);
    auto pause = traffic_.dice.between(milliseconds{20}, milliseconds{200});
    if (traffic_.active && !reconnects_at_once_ && traffic_.dice.chance(0.3)) {
      pause = traffic_.dice.between(milliseconds{200}, milliseconds{4000});
    }
    reconnects_at_once_ = false;
    auto pausing = sleep(traffic_.executor, pause);
    co_await std::move(pausing);
  }
}

void Subscriber::drop() {
  reconnects_at_once_ = true;
  if (socket_) socket_->cut();
}

awaitable<> Subscriber::hold_connection() {
  slow_ = traffic_.active && traffic_.dice.chance(0.1);
  buffer_.clear();
  const auto port = traffic_.choose(traffic_.ports.notifies);
  auto opening = open(port);
  const bool opened = co_await std::move(opening);
  if (opened) {
    auto reading = read();
    co_await std::move(reading);
    StreamEntry ended;
    ended.kind = StreamEntry::Kind::ended;
    note(std::move(ended));
  }
  if (socket_) socket_->close();
  socket_.reset();
}

awaitable<bool> Subscriber::open(std::uint16_t port) {
  auto connecting = connect(traffic_.executor, port, slow_ ? small_buffer : 0);
  socket_ = co_await std::move(connecting);
  if (!socket_) co_return false;
  fresh_ = cursor_.empty();
  const auto resume = cursor_.empty() ? "" : fmt::format("Last-Event-ID: {}\r\n", cursor_);
  const auto request =
      request_text("GET", "/events", person_.token, {}, "Accept: text/event-stream\r\n" + resume);
  auto sending = socket_->send(request, {}, head_timeout);
  if (!co_await std::move(sending)) co_return false;
  socket_->set_deadline(head_timeout);
  std::array<char, 1024> bytes{};
  auto end = std::string::npos;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    auto reading = socket_->read_some(bytes.data(), bytes.size());
    const auto size = co_await std::move(reading);
    if (size == 0) co_return false;
    buffer_.append(bytes.data(), size);
  }
  if (!buffer_.starts_with("HTTP/1.1 200")) co_return false;
  buffer_.erase(0, end + 4);
  StreamEntry connected;
  connected.kind = StreamEntry::Kind::connected;
  connected.position = parse_position(cursor_);
  connected.has_cursor = !cursor_.empty();
  connected.text = fmt::format("port {}{}", port, slow_ ? ", slowly" : "");
  note(std::move(connected));
  co_return true;
}

awaitable<> Subscriber::read() {
  const auto began = std::chrono::steady_clock::now();
  const auto open_time = traffic_.dice.pause(12000);
  const auto slow_time = traffic_.dice.between(seconds{3}, seconds{15});
  std::array<char, 16384> bytes{};
  take_frames();
  while (!traffic_.stopping) {
    const auto elapsed = std::chrono::steady_clock::now() - began;
    if (traffic_.active && elapsed > open_time) co_return;
    // Its small receive buffer limits it to about 20 events/s even when it reads fast.
    if (slow_ && !traffic_.active) co_return;
    const bool slowly = slow_ && traffic_.active && elapsed < slow_time;
    if (slowly) {
      auto pausing = sleep(traffic_.executor, seconds{1});
      co_await std::move(pausing);
    }
    socket_->set_deadline(silence_max);
    auto reading = socket_->read_some(bytes.data(), slowly ? 1 : bytes.size());
    const auto size = co_await std::move(reading);
    if (size == 0) co_return;
    buffer_.append(bytes.data(), size);
    take_frames();
  }
}

void Subscriber::take_frames() {
  std::size_t begin = 0;
  for (auto end = buffer_.find("\n\n"); end != std::string::npos;
       end = buffer_.find("\n\n", begin)) {
    take_frame(std::string_view{buffer_}.substr(begin, end - begin));
    begin = end + 2;
  }
  buffer_.erase(0, begin);
}

void Subscriber::take_frame(std::string_view frame) {
  const auto id = field(frame, "id: ");
  if (!id.empty()) cursor_ = id;
  const auto type = field(frame, "event: ");
  if (type.empty()) return;
  const auto data = json::parse(field(frame, "data: "));
  if (id.empty()) {
    traffic_.histories.ephemerals.push_back({person_.id, std::string{type},
                                             number_in(data, "user_id"), number_in(data, "chat_id"),
                                             traffic_.population.canaries_in(frame), moment()});
    return;
  }
  StreamEntry entry;
  if (type == "CaughtUp") {
    entry.kind = StreamEntry::Kind::caught_up;
    if (fresh_) progress_.reset_at = moment();
  } else if (type == "Reset") {
    entry.kind = StreamEntry::Kind::reset;
    entry.text = data.value("reason", "");
    progress_.reset_at = moment();
  } else {
    entry = event_of(type, data);
    note_progress(entry);
  }
  entry.position = parse_position(id);
  entry.canaries = traffic_.population.canaries_in(frame);
  note(std::move(entry));
}

void Subscriber::note_progress(const StreamEntry& entry) {
  if (is_own(entry.text)) {
    progress_.own.insert(entry.event_id);
  } else {
    auto& newest = progress_.newest[entry.chat];
    newest = std::max(newest, entry.event_id);
  }
}

void Subscriber::note(StreamEntry entry) {
  entry.at = moment();
  log_.entries.push_back(std::move(entry));
}

}  // namespace fechatter::chaos
