#include "fechatter_server/json.hpp"

namespace fechatter::server {
namespace {

using nlohmann::json;

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json{};
}

json or_null(const std::optional<Timestamp>& moment) {
  return moment ? json(to_rfc3339(*moment)) : json{};
}

template <class Tag>
json or_null(const std::optional<Id<Tag>>& id) {
  return id ? json(id->value) : json{};
}

json to_json(const std::vector<UserId>& ids) {
  auto list = json::array();
  for (const auto id : ids) list.push_back(id.value);
  return list;
}

const char* api_name(UserStatus status) {
  return status == UserStatus::active ? "Active" : "Suspended";
}

template <class Role>
const char* role_name(Role role) {
  switch (role) {
    case Role::owner: return "owner";
    case Role::admin: return "admin";
    case Role::member: return "member";
  }
  return "member";
}

}  // namespace

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

std::optional<UserStatus> find_user_status(std::string_view name) {
  if (name == "Active") return UserStatus::active;
  if (name == "Suspended") return UserStatus::suspended;
  return std::nullopt;
}

json to_json(const User& user) {
  return {{"id", user.id.value},
          {"workspace_id", user.workspace_id.value},
          {"fullname", user.fullname},
          {"email", user.email},
          {"status", api_name(user.status)},
          {"role", role_name(user.role)},
          {"avatar_url", or_null(user.avatar_url)},
          {"title", or_null(user.title)},
          {"bio", or_null(user.bio)},
          {"created_at", to_rfc3339(user.created_at)}};
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
          {"updated_at", to_rfc3339(chat.updated_at)}};
}

json to_json(const PublicChannel& channel) {
  auto body = to_json(channel.chat);
  body["is_member"] = channel.is_member;
  return body;
}

json to_json(const ChatSummary& summary, UserId viewer) {
  auto body = to_json(summary.chat);
  body["unread_count"] = summary.unread_count;
  body["last_message"] = summary.last_message ? to_json(*summary.last_message) : json{};
  body["is_creator"] = summary.chat.created_by == viewer;
  body["counterpart"] = summary.counterpart ? to_json(*summary.counterpart) : json{};
  return body;
}

json to_json(const ChatMember& member) {
  return {{"chat_id", member.chat_id.value}, {"user_id", member.user_id.value},
          {"id", member.user_id.value},      {"fullname", member.fullname},
          {"email", member.email},           {"status", api_name(member.status)},
          {"role", role_name(member.role)},  {"joined_at", to_rfc3339(member.joined_at)}};
}

json to_json(const Message& message) {
  return {{"id", message.id.value},
          {"chat_id", message.chat_id.value},
          {"sender_id", message.sender.id.value},
          {"sender",
           {{"id", message.sender.id.value},
            {"fullname", message.sender.fullname},
            {"avatar_url", or_null(message.sender.avatar_url)}}},
          {"seq", message.seq},
          {"content", message.content},
          {"files", message.files},
          {"mentions", to_json(message.mentions)},
          {"reply_to", or_null(message.reply_to)},
          {"idempotency_key", or_null(message.idempotency_key)},
          {"created_at", to_rfc3339(message.created_at)},
          {"edited_at", or_null(message.edited_at)},
          {"deleted_at", or_null(message.deleted_at)}};
}

json to_json(const Invitation& invitation) {
  return {{"id", invitation.id.value},
          {"created_by", invitation.created_by.value},
          {"created_at", to_rfc3339(invitation.created_at)},
          {"expires_at", to_rfc3339(invitation.expires_at)},
          {"revoked_at", or_null(invitation.revoked_at)},
          {"accepted_at", or_null(invitation.accepted_at)},
          {"accepted_by", or_null(invitation.accepted_by)}};
}

json to_json(const AuthTokens& tokens) {
  const auto& workspace = tokens.signed_in.workspace;
  return {{"access_token", tokens.access_token},
          {"refresh_token", tokens.refresh_token},
          {"token_type", "Bearer"},
          {"expires_in", tokens.access_life.count()},
          {"user", to_json(tokens.signed_in.user)},
          {"workspace",
           {{"id", workspace.id.value},
            {"name", workspace.name},
            {"owner_id", workspace.owner_id.value},
            {"created_at", to_rfc3339(workspace.created_at)}}}};
}

}  // namespace fechatter::server
