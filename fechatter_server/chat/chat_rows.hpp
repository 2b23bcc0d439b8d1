#pragma once

#include "fechatter_core/repository/chat_repository.hpp"
#include "fechatter_server/rows.hpp"

// What the functions that change chats answer, as migrations/functions/chats.sql spells it.
namespace fechatter::server {

ChatOutcome to_chat_outcome(std::string_view text);
ChangedChat to_changed_chat(const pqxx::row& row);

}  // namespace fechatter::server
