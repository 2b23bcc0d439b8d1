#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "fechatter_core/model/chat.hpp"

// Chats and their members as the API spells them.
namespace fechatter::server {

const char* api_name(ChatType type);
std::optional<ChatType> find_chat_type(std::string_view api_name);

nlohmann::json to_json(const Chat& chat);
nlohmann::json to_json(const ChatSummary& summary, UserId viewer);
// The bytes of that JSON, or up to 300 more, for a chat and for an entry of the list.
std::size_t json_size(const Chat& chat);
std::size_t json_size(const ChatSummary& summary);
nlohmann::json to_json(const PublicChannel& channel);
nlohmann::json to_json(const ChatMember& member);

}  // namespace fechatter::server
