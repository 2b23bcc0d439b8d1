#pragma once

#include <pqxx/pqxx>

#include "fechatter_core/model/message.hpp"

namespace fechatter::server {

// Of message_rows.
Message to_message(const pqxx::row& row);

}  // namespace fechatter::server
