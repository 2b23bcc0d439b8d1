#pragma once

#include <pqxx/pqxx>
#include <string_view>
#include <vector>

#include "fechatter_core/model/message.hpp"

namespace fechatter::server {

// Of message_rows. Without a viewer, no reaction is `mine`.
Message to_message(const pqxx::row& row);
// The same, and the column `my_reactions`: of the viewer as JSON, where the row does not name all
// users.
Message to_message(const pqxx::row& row, UserId viewer);

// message_annotations.reactions. Throws std::runtime_error for any other text.
std::vector<Reaction> to_reactions(std::string_view lines);

}  // namespace fechatter::server
