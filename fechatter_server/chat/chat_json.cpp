#include "fechatter_server/chat/chat_json.hpp"

#include "fechatter_server/chat/who_may.hpp"
#include "fechatter_server/json_values.hpp"
#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/role_names.hpp"
#include "fechatter_server/user/user_json.hpp"

namespace fechatter::server {

using nlohmann::json;

const char* api_name(ChatType type) {
  switch (type) {
    case ChatType::single: return "Single";
    case ChatType::group: return "Group";
    case ChatType::private_channel: return "PrivateChannel";
    case ChatType::public_channel: return "PublicChannel";
  }
  return "Group";
}

std::optional<ChatType> find_chat_type(std::string_view name) {
  for (const auto type :
       {ChatType::single, ChatType::group, ChatType::private_channel, ChatType::public_channel}) {
    if (name == api_name(type)) return type;
  }
  return std::nullopt;
}

json to_json(const Chat& chat) {
  return {{"id", chat.id.value},
          {"workspace_id", chat.workspace_id.value},
          {"name", chat.name},
          {"chat_type", api_name(chat.type)},
          {"description", chat.description},
          {"created_by", chat.created_by.value},
          {"owner_id", or_null(chat.owner_id)},
          {"member_count", chat.member_count},
          {"chat_members", to_json(chat.members)},
          {"last_seq", chat.last_seq},
          {"created_at", to_rfc3339(chat.created_at)},
          {"updated_at", to_rfc3339(chat.updated_at)},
          {"topic", chat.topic},
          {"archived_at", or_null(chat.archived_at)},
          {"who_may_write", name_of(chat.who_may_write)},
          {"who_may_pin", name_of(chat.who_may_pin)},
          {"everyone_mentions", chat.everyone_mentions},
          {"version", chat.version}};
}

namespace {

json preview_json(const MessagePreview& preview) {
  auto body = to_json(preview.message);
  body["content_truncated"] = preview.truncated;
  body["sender_name"] = preview.message.sender.fullname;
  body["has_files"] = !preview.message.files.empty();
  return body;
}

}  // namespace

json to_json(const PublicChannel& channel) {
  auto body = to_json(channel.chat);
  body["is_member"] = channel.is_member;
  return body;
}

json to_json(const ChatSummary& summary, UserId viewer) {
  auto body = to_json(summary.chat);
  body["unread_count"] = summary.unread_count;
  body["mention_count"] = summary.mention_count;
  body["last_read_seq"] = summary.last_read_seq;
  body["read_version"] = summary.read_version;
  body["muted_until"] = or_null(summary.muted_until);
  body["last_message"] = summary.last_message ? preview_json(*summary.last_message) : json{};
  body["is_creator"] = summary.chat.created_by == viewer;
  body["counterpart"] = summary.counterpart ? to_json(*summary.counterpart) : json{};
  return body;
}

std::size_t json_size(const Chat& chat) {
  constexpr std::size_t own_fields = 650;  // of all lists, with numbers of the greatest length
  return own_fields + fechatter::json_size(chat.name) + fechatter::json_size(chat.description) +
         fechatter::json_size(chat.topic) + json_size(chat.members);
}

std::size_t json_size(const ChatSummary& summary) {
  constexpr std::size_t member_fields = 155;  // of what the member has read, and muted
  constexpr std::size_t preview_fields = 60;  // beside those of a message
  auto size = json_size(summary.chat) + member_fields;
  if (summary.last_message) {
    const auto& message = summary.last_message->message;
    size += preview_fields + json_size(message) + fechatter::json_size(message.sender.fullname);
  }
  if (summary.counterpart) size += json_size(*summary.counterpart);
  return size;
}

json to_json(const ChatMember& member) {
  return {{"chat_id", member.chat_id.value}, {"user_id", member.user_id.value},
          {"id", member.user_id.value},      {"fullname", member.fullname},
          {"email", member.email},           {"status", api_name(member.status)},
          {"role", role_name(member.role)},  {"joined_at", to_rfc3339(member.joined_at)}};
}

}  // namespace fechatter::server
