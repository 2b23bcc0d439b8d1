#pragma once

#include <pqxx/pqxx>

#include "fechatter_core/model/account.hpp"

namespace fechatter::server {

// Of session_rows.
SignedIn to_signed_in(const pqxx::row& row);

}  // namespace fechatter::server
