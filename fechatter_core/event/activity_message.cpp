#include "fechatter_core/event/activity_message.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "fechatter_core/whole_number.hpp"

namespace fechatter::event {
namespace {

using nlohmann::json;
using Typing = ActivityMessage::Typing;

constexpr std::size_t name_bytes_max = 1024;

std::int64_t read_number(const json& object, const char* name) {
  const auto number = find_whole_number(object.at(name));
  if (!number || *number <= 0) throw std::invalid_argument{name};
  return *number;
}

Timestamp read_time(const json& object, const char* name) {
  return from_unix_micros(read_number(object, name));
}

Typing read_typing(const json& object) {
  Typing typing;
  typing.chat_id = ChatId{read_number(object, "chat")};
  typing.user_name = object.at("name").get<std::string>();
  typing.is_typing = object.at("is_typing").get<bool>();
  typing.expires_at = read_time(object, "expires_at");
  if (typing.user_name.size() > name_bytes_max) throw std::invalid_argument{"name"};
  return typing;
}

std::optional<PresenceStatus> read_said(const json& object) {
  const auto status = parse_presence_status(object.value("said", std::string{}));
  return status == PresenceStatus::offline ? std::nullopt : status;
}

}  // namespace

std::string to_text(const ActivityMessage& message) {
  json object{{"version", ActivityMessage::current_version},
              {"user", message.user_id.value},
              {"workspace", message.workspace_id.value},
              {"session", message.session_id.value},
              {"at", to_unix_micros(message.at)}};
  if (message.said) object["said"] = to_text(*message.said);
  if (!message.platform.empty()) object["platform"] = message.platform;
  if (message.typing) {
    object["typing"] = {{"chat", message.typing->chat_id.value},
                        {"name", message.typing->user_name},
                        {"is_typing", message.typing->is_typing},
                        {"expires_at", to_unix_micros(message.typing->expires_at)}};
  }
  return object.dump();
}

std::optional<ActivityMessage> parse_activity(std::string_view text) {
  try {
    const auto object = json::parse(text);
    read_number(object, "version");
    ActivityMessage message;
    message.user_id = UserId{read_number(object, "user")};
    message.workspace_id = WorkspaceId{read_number(object, "workspace")};
    message.session_id = SessionId{read_number(object, "session")};
    message.at = read_time(object, "at");
    message.said = read_said(object);
    message.platform = object.value("platform", std::string{});
    if (!message.platform.empty() && !is_platform(message.platform)) return std::nullopt;
    if (object.contains("typing")) message.typing = read_typing(object.at("typing"));
    return message;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace fechatter::event
