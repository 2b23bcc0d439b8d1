#include "fechatter_server/chat/chat_json.hpp"

#include "fechatter_server/chat/who_may.hpp"
#include "fechatter_server/json_values.hpp"
#include "fechatter_server/message/message_json.hpp"
#include "fechatter_server/role_names.hpp"
#include "fechatter_server/user/user_json.hpp"

namespace fechatter::server {

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

namespace {

void write_fields(JsonWriter& out, const Chat& chat) {
  out.field("id", chat.id)
      .field("workspace_id", chat.workspace_id)
      .field("name", chat.name)
      .field("chat_type", api_name(chat.type))
      .field("description", chat.description)
      .field("created_by", chat.created_by)
      .field("owner_id", chat.owner_id)
      .field("member_count", chat.member_count)
      .field("chat_members", chat.members)
      .field("last_seq", chat.last_seq)
      .field("created_at", chat.created_at)
      .field("updated_at", chat.updated_at)
      .field("topic", chat.topic)
      .field("archived_at", chat.archived_at)
      .field("who_may_write", name_of(chat.who_may_write))
      .field("who_may_pin", name_of(chat.who_may_pin))
      .field("everyone_mentions", chat.everyone_mentions)
      .field("version", chat.version);
}

}  // namespace

void write_json(JsonWriter& out, const Chat& chat) {
  const auto object = out.object();
  write_fields(out, chat);
}

void write_json(JsonWriter& out, const PublicChannel& channel) {
  const auto object = out.object();
  write_fields(out, channel.chat);
  out.field("is_member", channel.is_member);
}

static void write_json(JsonWriter& out, const MessagePreview& preview) {
  const auto object = out.object();
  write_fields(out, preview.message);
  out.field("content_truncated", preview.truncated)
      .field("sender_name", preview.message.sender.fullname)
      .field("has_files", !preview.message.files.empty());
}

void write_json(JsonWriter& out, const ChatSummary& summary, UserId viewer) {
  const auto object = out.object();
  write_fields(out, summary.chat);
  out.field("unread_count", summary.unread_count)
      .field("mention_count", summary.mention_count)
      .field("last_read_seq", summary.last_read_seq)
      .field("read_version", summary.read_version)
      .field("muted_until", summary.muted_until)
      .field("last_message", summary.last_message)
      .field("is_creator", summary.chat.created_by == viewer)
      .field("counterpart", summary.counterpart);
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

void write_json(JsonWriter& out, const ChatMember& member) {
  const auto object = out.object();
  out.field("chat_id", member.chat_id)
      .field("user_id", member.user_id)
      .field("id", member.user_id)
      .field("fullname", member.fullname)
      .field("email", member.email)
      .field("status", api_name(member.status))
      .field("role", role_name(member.role))
      .field("joined_at", member.joined_at);
}

}  // namespace fechatter::server
