#include "fechatter_core/event/envelope.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace fechatter::event {
namespace {

using nlohmann::json;

template <class IdType>
std::vector<IdType> ids(const json& list) {
  std::vector<IdType> found;
  found.reserve(list.size());
  for (const auto& item : list) found.push_back(IdType{item.get<std::int64_t>()});
  return found;
}

Audience parse_audience(const json& value) {
  if (value == "chat") return {AudienceKind::chat, {}, {}};
  if (value == "workspace") return {AudienceKind::workspace, {}, {}};
  return {AudienceKind::users, ids<UserId>(value.at("users")),
          ids<ChatId>(value.value("chats", json::array()))};
}

Envelope from_json(json& root) {
  Envelope envelope;
  envelope.event_id = EventId{root.at("event_id").get<std::int64_t>()};
  envelope.type = root.at("type").get<std::string>();
  envelope.workspace_id = WorkspaceId{root.at("workspace_id").get<std::int64_t>()};
  envelope.chat_id = ChatId{root.at("chat_id").get<std::int64_t>()};
  if (const auto seq = root.find("seq"); seq != root.end() && !seq->is_null()) {
    envelope.seq = seq->get<std::int64_t>();
  }
  envelope.occurred_at = root.at("occurred_at").get<std::string>();
  envelope.audience = parse_audience(root.at("audience"));
  if (const auto members = root.find("members"); members != root.end() && !members->is_null()) {
    envelope.added = ids<UserId>(members->value("added", json::array()));
    envelope.removed = ids<UserId>(members->value("removed", json::array()));
  }
  if (const auto trace = root.find("trace"); trace != root.end() && trace->is_string()) {
    envelope.trace = trace->get<std::string>();
  }
  envelope.data = std::move(root.at("data"));
  if (!envelope.data.is_object()) throw std::invalid_argument{"data is no object"};
  return envelope;
}

}  // namespace

std::string subject_of(WorkspaceId workspace, ChatId chat, std::string_view type) {
  return fmt::format("fechatter.v1.event.{}.{}.{}", workspace.value, chat.value, type);
}

Envelope parse_envelope(std::string_view bytes) {
  if (bytes.size() > envelope_bytes_max) throw std::invalid_argument{"longer than 512 KiB"};
  try {
    auto root = json::parse(bytes);
    return from_json(root);
  } catch (const json::exception& error) {
    throw std::invalid_argument{error.what()};
  }
}

}  // namespace fechatter::event
