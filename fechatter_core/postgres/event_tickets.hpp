#pragma once

#include <optional>
#include <string>

#include "fechatter_core/auth/identity.hpp"
#include "fechatter_core/postgres/database.hpp"

namespace fechatter::postgres {

// Single-use tickets for the URL of an event stream, in place of an access token, which would end
// up in logs. fechatter_server stores them, notify_server redeems them. Any thread; all methods
// throw what Database::run throws.
class EventTickets {
 public:
  explicit EventTickets(Database& database) : database_{database} {}

  // `hash`: SHA-256 of the ticket, as bytea text.
  awaitable<> store(auth::Identity bearer, std::string hash, std::chrono::seconds life);
  // Redeems the ticket and returns its bearer; nullopt when it is unknown, used, or expired.
  awaitable<std::optional<auth::Identity>> take(std::string hash);
  // The same without redeeming it.
  awaitable<std::optional<auth::Identity>> find(std::string hash);

 private:
  Database& database_;
};

}  // namespace fechatter::postgres
