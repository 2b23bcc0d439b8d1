#pragma once

#include <pqxx/pqxx>
#include <string_view>

#include "fechatter_core/model/chat.hpp"
#include "fechatter_core/repository/chat_repository.hpp"

// Chats and their members as PostgreSQL spells them.
namespace fechatter::server {

ChatType to_chat_type(std::string_view text);
const char* sql_name(ChatType type);

Chat to_chat(const pqxx::row& row);          // of chat_rows
ChatMember to_member(const pqxx::row& row);  // of chat_member_rows

// Of the functions that change a chat: they answer an outcome, and some of them the changed chat.
// Both throw std::runtime_error for an outcome that this program does not know.
ChatOutcome to_chat_outcome(std::string_view text);
ChangedChat to_changed_chat(const pqxx::row& row);

}  // namespace fechatter::server
