#include "tests/model/visible_state.hpp"

#include <fmt/format.h>

#include <set>

namespace fechatter::model {
json visible_by_rest(const json& entries, const std::map<std::int64_t, json>& messages,
                     const json& drafts) {
  json shown{{"chats", json::object()}, {"drafts", json::object()}};
  for (const auto& entry : entries) {
    auto chat = entry;
    for (const auto* name :
         {"version", "read_version", "last_message", "is_creator", "counterpart"}) {
      chat.erase(name);
    }
    chat["messages"] = json::object();
    for (const auto& message : messages.at(number(entry, "id"))) {
      if (message.at("deleted_at").is_null()) {
        chat["messages"][std::to_string(number(message, "id"))] = message;
      }
    }
    shown["chats"][std::to_string(number(entry, "id"))] = std::move(chat);
  }
  for (const auto& draft : drafts) {
    shown["drafts"][std::to_string(number(draft, "chat_id"))] = draft.at("version");
  }
  forget_strangers(shown["chats"]);
  return shown;
}

std::string difference(const json& by_events, const json& by_rest) {
  std::string lines;
  for (const auto& change : json::diff(by_rest, by_events)) {
    const auto path = change.at("path").get<std::string>();
    const json::json_pointer place{path};
    const auto rest = by_rest.contains(place) ? by_rest.at(place).dump() : "nothing";
    const auto events = by_events.contains(place) ? by_events.at(place).dump() : "nothing";
    lines += fmt::format("{}: {} by events, {} by REST\n", path, events, rest);
  }
  return lines;
}

void forget_strangers(json& chats) {
  std::set<std::int64_t> known;
  for (const auto& chat : chats) {
    for (const auto& member : chat.at("chat_members")) known.insert(member.get<std::int64_t>());
  }
  for (auto& chat : chats) {
    for (auto& message : chat.at("messages")) {
      if (!known.contains(number(message, "sender_id"))) message.erase("sender");
    }
  }
}

}  // namespace fechatter::model
