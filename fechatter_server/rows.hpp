#pragma once

#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "fechatter_core/model/account.hpp"
#include "fechatter_core/model/chat.hpp"

// From rows to models: the one place that knows how PostgreSQL spells them. Columns are found by
// name.
namespace fechatter::server {

template <class IdType>
IdType to_id(const pqxx::field& field) {
  return IdType{field.as<std::int64_t>()};
}
template <class IdType>
std::optional<IdType> find_id(const pqxx::field& field) {
  return field.is_null() ? std::nullopt : std::optional{to_id<IdType>(field)};
}
Timestamp to_time(const pqxx::field& micros);
std::optional<Timestamp> find_time(const pqxx::field& micros);
std::optional<std::string> find_text(const pqxx::field& field);
std::vector<std::int64_t> to_numbers(const pqxx::field& json_array);

UserStatus to_user_status(std::string_view text);
WorkspaceRole to_workspace_role(std::string_view text);
ChatType to_chat_type(std::string_view text);
ChatRole to_chat_role(std::string_view text);
const char* sql_name(ChatType type);
template <class Role>  // WorkspaceRole or ChatRole
const char* sql_name_of_role(Role role) {
  switch (role) {
    case Role::owner: return "owner";
    case Role::admin: return "admin";
    case Role::member: return "member";
  }
  return "member";
}

// Of a JSON array of numbers; empty for NULL.
template <class IdType>
std::vector<IdType> to_ids(const pqxx::field& json_array) {
  std::vector<IdType> ids;
  for (const auto number : to_numbers(json_array)) ids.push_back(IdType{number});
  return ids;
}

// Of the columns id, workspace_id, fullname, email, status, role, avatar_url, title, bio,
// created_at, each with the prefix.
User to_user(const pqxx::row& row, const std::string& prefix = {});
Chat to_chat(const pqxx::row& row);           // of chat_rows
ChatMember to_member(const pqxx::row& row);   // of chat_member_rows
Message to_message(const pqxx::row& row);     // of message_rows
SignedIn to_signed_in(const pqxx::row& row);  // of session_rows

}  // namespace fechatter::server
