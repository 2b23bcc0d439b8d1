#include "fechatter_server/rows.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace fechatter::server {
namespace {

[[noreturn]] void unknown(std::string_view what, std::string_view text) {
  throw std::runtime_error{"unknown " + std::string{what} + ": " + std::string{text}};
}

// What every query that reads a user names alike: all but id and created_at.
User person_in(const pqxx::row& row, const std::string& prefix) {
  User user;
  user.workspace_id = to_id<WorkspaceId>(row[prefix + "workspace_id"]);
  user.fullname = row[prefix + "fullname"].as<std::string>();
  user.email = row[prefix + "email"].as<std::string>();
  user.status = to_user_status(row[prefix + "status"].c_str());
  user.role = to_workspace_role(row[prefix + "role"].c_str());
  user.avatar_url = find_text(row[prefix + "avatar_url"]);
  user.title = find_text(row[prefix + "title"]);
  user.bio = find_text(row[prefix + "bio"]);
  return user;
}

}  // namespace

Timestamp to_time(const pqxx::field& micros) {
  return from_unix_micros(micros.as<std::int64_t>());
}

std::optional<Timestamp> find_time(const pqxx::field& micros) {
  return micros.is_null() ? std::nullopt : std::optional{to_time(micros)};
}

std::optional<std::string> find_text(const pqxx::field& field) {
  return field.is_null() ? std::nullopt : std::optional{field.as<std::string>()};
}

UserStatus to_user_status(std::string_view text) {
  if (text == "active") return UserStatus::active;
  if (text == "suspended") return UserStatus::suspended;
  unknown("user status", text);
}

WorkspaceRole to_workspace_role(std::string_view text) {
  if (text == "owner") return WorkspaceRole::owner;
  if (text == "admin") return WorkspaceRole::admin;
  if (text == "member") return WorkspaceRole::member;
  unknown("workspace role", text);
}

ChatType to_chat_type(std::string_view text) {
  if (text == "single") return ChatType::single;
  if (text == "group") return ChatType::group;
  if (text == "private_channel") return ChatType::private_channel;
  if (text == "public_channel") return ChatType::public_channel;
  unknown("chat type", text);
}

ChatRole to_chat_role(std::string_view text) {
  if (text == "owner") return ChatRole::owner;
  if (text == "admin") return ChatRole::admin;
  if (text == "member") return ChatRole::member;
  unknown("chat role", text);
}

const char* sql_name(ChatType type) {
  switch (type) {
    case ChatType::single: return "single";
    case ChatType::group: return "group";
    case ChatType::private_channel: return "private_channel";
    case ChatType::public_channel: return "public_channel";
  }
  return "group";
}

std::vector<std::int64_t> to_numbers(const pqxx::field& json_array) {
  if (json_array.is_null()) return {};
  return nlohmann::json::parse(json_array.c_str()).get<std::vector<std::int64_t>>();
}

User to_user(const pqxx::row& row, const std::string& prefix) {
  auto user = person_in(row, prefix);
  user.id = to_id<UserId>(row[prefix + "id"]);
  user.created_at = to_time(row[prefix + "created_at"]);
  return user;
}

Chat to_chat(const pqxx::row& row) {
  Chat chat;
  chat.id = to_id<ChatId>(row["chat_id"]);
  chat.workspace_id = to_id<WorkspaceId>(row["chat_workspace_id"]);
  chat.name = row["chat_name"].as<std::string>();
  chat.type = to_chat_type(row["chat_type"].c_str());
  chat.description = row["chat_description"].as<std::string>();
  chat.created_by = to_id<UserId>(row["chat_created_by"]);
  chat.owner_id = find_id<UserId>(row["chat_owner_id"]);
  chat.member_count = row["chat_member_count"].as<std::int64_t>();
  chat.members = to_ids<UserId>(row["chat_members"]);
  chat.last_seq = row["chat_last_seq"].as<std::int64_t>();
  chat.created_at = to_time(row["chat_created_at"]);
  chat.updated_at = to_time(row["chat_updated_at"]);
  return chat;
}

ChatMember to_member(const pqxx::row& row) {
  return {to_id<ChatId>(row["chat_id"]),
          to_id<UserId>(row["user_id"]),
          row["fullname"].as<std::string>(),
          row["email"].as<std::string>(),
          to_user_status(row["status"].c_str()),
          to_chat_role(row["role"].c_str()),
          to_time(row["joined_at"])};
}

Message to_message(const pqxx::row& row) {
  Message message;
  message.id = to_id<MessageId>(row["id"]);
  message.chat_id = to_id<ChatId>(row["chat_id"]);
  message.sender = {to_id<UserId>(row["sender_id"]), row["sender_fullname"].as<std::string>(),
                    find_text(row["sender_avatar_url"])};
  message.seq = row["seq"].as<std::int64_t>();
  message.content = row["content"].as<std::string>();
  message.files = nlohmann::json::parse(row["files"].c_str()).get<std::vector<std::string>>();
  message.mentions = to_ids<UserId>(row["mentions"]);
  message.reply_to = find_id<MessageId>(row["reply_to"]);
  message.idempotency_key = find_text(row["idempotency_key"]);
  message.created_at = to_time(row["created_at"]);
  message.edited_at = find_time(row["edited_at"]);
  message.deleted_at = find_time(row["deleted_at"]);
  return message;
}

SignedIn to_signed_in(const pqxx::row& row) {
  SignedIn signed_in;
  signed_in.session_id = to_id<SessionId>(row["session_id"]);
  auto& user = signed_in.user;
  user = person_in(row, "");
  user.id = to_id<UserId>(row["user_id"]);
  user.created_at = to_time(row["user_created_at"]);
  auto& workspace = signed_in.workspace;
  workspace.id = user.workspace_id;
  workspace.name = row["workspace_name"].as<std::string>();
  workspace.owner_id = to_id<UserId>(row["workspace_owner_id"]);
  workspace.created_at = to_time(row["workspace_created_at"]);
  return signed_in;
}

}  // namespace fechatter::server
