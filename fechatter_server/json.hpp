#pragma once

#include <nlohmann/json.hpp>

#include "fechatter_core/model/account.hpp"
#include "fechatter_core/model/chat.hpp"

// From models to the JSON of the contract.
namespace fechatter::server {

const char* api_name(ChatType type);
std::optional<ChatType> find_chat_type(std::string_view api_name);
std::optional<UserStatus> find_user_status(std::string_view api_name);
// WorkspaceRole or ChatRole: both are called the same.
template <class Role>
std::optional<Role> find_role(std::string_view api_name) {
  if (api_name == "owner") return Role::owner;
  if (api_name == "admin") return Role::admin;
  if (api_name == "member") return Role::member;
  return std::nullopt;
}

nlohmann::json to_json(const User& user);
nlohmann::json to_json(const Chat& chat);
nlohmann::json to_json(const ChatSummary& summary, UserId viewer);
nlohmann::json to_json(const PublicChannel& channel);
nlohmann::json to_json(const ChatMember& member);
nlohmann::json to_json(const Message& message);
nlohmann::json to_json(const Invitation& invitation);  // without its token
nlohmann::json to_json(const AuthTokens& tokens);

}  // namespace fechatter::server
