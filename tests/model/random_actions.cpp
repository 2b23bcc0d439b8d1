#include "tests/model/random_actions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "fechatter_core/clock.hpp"

namespace fechatter::model {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> emojis{"%F0%9F%91%8D", "%F0%9F%8E%89", "%F0%9F%98%80"};

}  // namespace

void RandomActions::make_first_chats() {
  actor_ = people_.front();
  make_chat("Single", {1});
  make_chat("Group", {1, 2});
  make_chat("PrivateChannel", {1, 2, 3});
  make_chat("PublicChannel", {});
}

std::string RandomActions::act() {
  struct Weighted {
    int weight;
    Action action;
  };
  using Self = RandomActions;
  static const std::vector<Weighted> actions{
      {20, &Self::write},         {6, &Self::mention},     {8, &Self::reply},
      {8, &Self::edit},           {6, &Self::remove},      {10, &Self::react},
      {5, &Self::unreact},        {4, &Self::pin},         {2, &Self::unpin},
      {8, &Self::read},           {3, &Self::mark_unread}, {2, &Self::schedule},
      {4, &Self::draft},          {3, &Self::rename},      {3, &Self::settings},
      {2, &Self::archive},        {4, &Self::add_member},  {3, &Self::remove_member},
      {2, &Self::leave},          {4, &Self::join},        {2, &Self::mute},
      {2, &Self::change_profile}, {1, &Self::delete_chat}};
  static const std::vector<Action> wheel = [] {
    std::vector<Action> all;
    for (const auto& [weight, action] : actions) {
      for (int i = 0; i < weight; ++i) all.push_back(action);
    }
    return all;
  }();
  actor_ = dice_.of(people_);
  target_ = {dice_.of(chats_), 0};
  if (!messages_.empty()) {
    // Mostly one of the newest, so that actions meet.
    const auto newest = std::min<std::size_t>(messages_.size(), dice_.chance(0.8) ? 4 : 100);
    target_ = messages_[messages_.size() - 1 - dice_.below(newest)];
  }
  if (dice_.chance(0.3)) target_.chat = dice_.of(chats_);
  log_.clear();
  (this->*dice_.of(wheel))();
  return log_;
}

void RandomActions::make_chat(const std::string& type, const std::vector<std::size_t>& members) {
  auto ids = json::array();
  for (const auto member : members) ids.push_back(people_[member]->user());
  const auto reply = actor_->asks(
      "POST", "/api/chat",
      json{{"name", fmt::format("{} {}", type, ++number_)}, {"chat_type", type}, {"members", ids}});
  if (reply.status < 300) chats_.push_back(reply.json().at("id"));
}

test::Reply RandomActions::send(const std::string& method, const std::string& target,
                                const std::optional<json>& body) {
  auto reply = actor_->tries(method, target, body);
  log_ = fmt::format("user {}: {} {} {}: {}", actor_->user(), method, target,
                     body ? body->dump() : "", reply.status);
  // A killed instance gives no answer, and one without its dependencies a 503.
  if (reply.status == 500) throw std::runtime_error{log_};
  return reply;
}

std::string RandomActions::on_message(const char* suffix) const {
  return fmt::format("/api/chat/{}/messages/{}{}", target_.chat, target_.message, suffix);
}

std::string RandomActions::on_chat(const char* suffix) const {
  return fmt::format("/api/chat/{}{}", target_.chat, suffix);
}

void RandomActions::send_message(json body) {
  const auto reply = send("POST", on_chat("/messages"), body);
  if (reply.status == 201) messages_.push_back({target_.chat, reply.json().at("id")});
}

void RandomActions::write() {
  send_message({{"content", fmt::format("message {}", ++number_)}});
}

void RandomActions::mention() {
  // The name of a user is that of its first sign-up, unless it has changed since.
  const auto* named = dice_.chance(0.3) ? "@all" : dice_.chance(0.5) ? "@user0" : "@user1";
  send_message({{"content", fmt::format("{} message {}", named, ++number_)}});
}

void RandomActions::reply() {
  send_message({{"content", fmt::format("reply {}", ++number_)},
                {"reply_to", target_.message},
                {"also_to_chat", dice_.chance(0.5)}});
}

void RandomActions::edit() {
  send("PATCH", on_message(""), json{{"content", fmt::format("@user2 edit {}", ++number_)}});
}

void RandomActions::remove() {
  send("DELETE", on_message(""));
}

void RandomActions::react() {
  send("PUT", on_message("/reactions/") + dice_.of(emojis));
}

void RandomActions::unreact() {
  send("DELETE", on_message("/reactions/") + dice_.of(emojis));
}

void RandomActions::pin() {
  send("PUT", fmt::format("/api/chat/{}/pins/{}", target_.chat, target_.message));
}

void RandomActions::unpin() {
  send("DELETE", fmt::format("/api/chat/{}/pins/{}", target_.chat, target_.message));
}

void RandomActions::read() {
  send("POST", on_chat("/read"), json{{"message_id", target_.message}});
}

void RandomActions::mark_unread() {
  send("POST", on_chat("/unread"), json{{"message_id", target_.message}});
}

void RandomActions::schedule() {
  send("POST", on_chat("/scheduled"),
       json{{"content", fmt::format("scheduled {}", ++number_)},
            {"send_at", to_rfc3339(now() + 500ms)}});
}

void RandomActions::draft() {
  const auto known = actor_->asks("GET", on_chat("/draft"));
  if (known.status != 200) return;
  if (dice_.chance(0.3)) {
    send("DELETE", on_chat("/draft"));
  } else {
    send("PUT", on_chat("/draft"),
         json{{"content", fmt::format("draft {}", ++number_)},
              {"version", known.json().at("version")}});
  }
}

void RandomActions::rename() {
  send("PATCH", on_chat(""), json{{"name", fmt::format("chat {}", ++number_)}});
}

void RandomActions::settings() {
  auto body = json{{"topic", fmt::format("topic {}", ++number_)},
                   {"everyone_mentions", dice_.chance(0.7)},
                   {"who_may_pin", dice_.chance(0.7) ? "all" : "admins"},
                   {"who_may_write", dice_.chance(0.8) ? "all" : "admins"}};
  send("PUT", on_chat("/settings"), body);
}

void RandomActions::archive() {
  send("POST", on_chat(dice_.chance(0.4) ? "/archive" : "/unarchive"));
}

void RandomActions::add_member() {
  send("POST", on_chat("/members"), json::array({dice_.of(people_)->user()}));
}

void RandomActions::remove_member() {
  send("DELETE", on_chat("/members"), json::array({dice_.of(people_)->user()}));
}

void RandomActions::leave() {
  send("POST", on_chat("/leave"));
}

void RandomActions::join() {
  send("POST", on_chat("/join"));
}

void RandomActions::mute() {
  const auto until = dice_.chance(0.5) ? "2100-01-01T00:00:00Z" : "2000-01-01T00:00:00Z";
  send("PUT", on_chat("/preferences"), json{{"muted_until", until}});
}

void RandomActions::change_profile() {
  send("PATCH", "/api/users/profile", json{{"fullname", fmt::format("person {}", ++number_)}});
}

void RandomActions::delete_chat() {
  // A Single is hidden by that, until its next message: the list does not show it.
  if (target_.chat != chats_.front()) send("DELETE", on_chat(""));
}

}  // namespace fechatter::model
