#include "fechatter_core/event/envelope.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "fechatter_core/ascii.hpp"
#include "fechatter_core/compact_json.hpp"
#include "fechatter_core/whole_number.hpp"

namespace fechatter::event {
namespace {

using nlohmann::json;

constexpr int depth_max = 33;  // of the whole; 32 of the data
constexpr std::size_t type_length_max = 64;

std::int64_t whole_number(const json& value, std::int64_t min) {
  const auto number = find_whole_number(value);
  if (!number || *number < min) throw std::invalid_argument{"a number is out of range"};
  return *number;
}

// The type becomes a line of an SSE frame and a token of a subject.
std::string type_of(const json& value) {
  auto type = value.get<std::string>();
  const bool good = !type.empty() && type.size() <= type_length_max &&
                    std::all_of(type.begin(), type.end(), is_letter);
  if (!good) throw std::invalid_argument{"type is no name of an event"};
  return type;
}

template <class IdType>
std::vector<IdType> ids(const json& list) {
  if (!list.is_array()) throw std::invalid_argument{"a list of ids is none"};
  std::vector<IdType> found;
  found.reserve(list.size());
  for (const auto& item : list) found.push_back(IdType{whole_number(item, 1)});
  return found;
}

Audience parse_audience(const json& value) {
  if (value == "chat") return {AudienceKind::chat, {}, {}};
  if (value == "workspace") return {AudienceKind::workspace, {}, {}};
  Audience audience{AudienceKind::users, ids<UserId>(value.at("users")),
                    ids<ChatId>(value.value("chats", json::array()))};
  if (const auto ephemeral = value.find("ephemeral"); ephemeral != value.end()) {
    audience.ephemeral_chats = ids<ChatId>(ephemeral->at("chats"));
    audience.ephemeral_except = ids<UserId>(ephemeral->value("except", json::array()));
  }
  return audience;
}

// The data is not parsed: it stays text, and the other members are parsed without it.
struct Parts {
  std::string data;
  json rest;
};

Parts split(const std::string& envelope) {
  Parts parts;
  std::string rest{"{"};
  for (const auto& member : members_of(envelope)) {
    if (member.name == "data") {
      if (!parts.data.empty()) throw std::invalid_argument{"data comes twice"};
      parts.data = member.value;
    } else {
      rest += fmt::format("{}\"{}\":{}", rest.size() > 1 ? "," : "", member.name, member.value);
    }
  }
  if (!parts.data.starts_with('{')) throw std::invalid_argument{"data is no object"};
  parts.rest = json::parse(rest + "}");
  return parts;
}

std::optional<std::int64_t> find_number(const json& root, const char* name) {
  const auto found = root.find(name);
  if (found == root.end() || found->is_null()) return std::nullopt;
  return whole_number(*found, 1);
}

Envelope from_json(const json& root) {
  Envelope envelope;
  envelope.event_id = EventId{whole_number(root.at("event_id"), 1)};
  envelope.type = type_of(root.at("type"));
  envelope.workspace_id = WorkspaceId{whole_number(root.at("workspace_id"), 1)};
  envelope.chat_id = ChatId{whole_number(root.at("chat_id"), 0)};
  envelope.seq = find_number(root, "seq");
  envelope.version = find_number(root, "version");
  envelope.occurred_at = root.at("occurred_at").get<std::string>();
  envelope.audience = parse_audience(root.at("audience"));
  if (const auto members = root.find("members"); members != root.end() && !members->is_null()) {
    envelope.added = ids<UserId>(members->value("added", json::array()));
    envelope.removed = ids<UserId>(members->value("removed", json::array()));
  }
  if (const auto actor = find_number(root, "actor")) envelope.actor = UserId{*actor};
  if (const auto trace = root.find("trace"); trace != root.end() && trace->is_string()) {
    envelope.trace = trace->get<std::string>();
  }
  return envelope;
}

}  // namespace

std::string subject_of(WorkspaceId workspace, ChatId chat, std::string_view type) {
  return fmt::format("fechatter.v1.event.{}.{}.{}", workspace.value, chat.value, type);
}

std::string subjects_of(WorkspaceId workspace) {
  return fmt::format("fechatter.v1.event.{}.>", workspace.value);
}

Envelope parse_envelope(std::string_view bytes) {
  if (bytes.size() > envelope_bytes_max) throw std::invalid_argument{"longer than 512 KiB"};
  const auto text = compact_json(bytes, depth_max);
  if (!text || !text->starts_with('{')) throw std::invalid_argument{"no JSON, or nested too deep"};
  try {
    auto parts = split(*text);
    auto envelope = from_json(parts.rest);
    envelope.data = std::move(parts.data);
    return envelope;
  } catch (const json::exception& error) {
    throw std::invalid_argument{error.what()};
  }
}

}  // namespace fechatter::event
