#pragma once

#include <optional>
#include <string_view>

#include "fechatter_core/model/chat.hpp"
#include "fechatter_server/json_writer.hpp"

// Chats and their members as the API spells them.
namespace fechatter::server {

const char* api_name(ChatType type);
std::optional<ChatType> find_chat_type(std::string_view api_name);

void write_json(JsonWriter& out, const Chat& chat);
void write_json(JsonWriter& out, const ChatSummary& summary, UserId viewer);
void write_json(JsonWriter& out, const PublicChannel& channel);
void write_json(JsonWriter& out, const ChatMember& member);
// The bytes of that JSON, or up to 300 more, for a chat and for an entry of the list.
std::size_t json_size(const Chat& chat);
std::size_t json_size(const ChatSummary& summary);

}  // namespace fechatter::server
