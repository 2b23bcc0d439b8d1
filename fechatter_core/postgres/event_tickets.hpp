#pragma once

#include <optional>
#include <string>

#include "fechatter_core/auth/identity.hpp"
#include "fechatter_core/postgres/database.hpp"

namespace fechatter::postgres {

// Single-use tickets that stand for an access token in the address of a stream, where a token
// should not be. fechatter_server stores them, notify_server takes them. Any thread; both throw
// what Database::run throws.
class EventTickets {
 public:
  explicit EventTickets(Database& database) : database_{database} {}

  // `hash`: SHA-256 of the ticket, as bytea text.
  awaitable<> store(auth::Identity bearer, std::string hash, std::chrono::seconds life);
  // Who it was given to; nothing when it is unknown, used, or over. It is used up by this.
  awaitable<std::optional<auth::Identity>> take(std::string hash);

 private:
  Database& database_;
};

}  // namespace fechatter::postgres
