#pragma once

#include <pqxx/pqxx>
#include <string_view>

#include "fechatter_server/read/moved_read.hpp"

namespace fechatter::server {

// As the functions of migrations/functions/reads.sql say it. Throws std::runtime_error for any
// other text.
ReadOutcome to_read_outcome(std::string_view text);
// Of a row with the numbers of a member in that chat.
ReadState to_read_state(ChatId chat, const pqxx::row& row);
MovedRead to_moved_read(ChatId chat, const pqxx::row& row);

}  // namespace fechatter::server
