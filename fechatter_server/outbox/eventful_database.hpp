#pragma once

#include <utility>

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_server/outbox/relay_waker.hpp"

namespace fechatter::server {

// The database as the repositories that write events use it: they have no other access. A change
// says by its outcome whether it wrote an event, and then the relay is woken. Any thread; both
// methods throw what Database::run throws.
class EventfulDatabase {
 public:
  EventfulDatabase(postgres::Database& database, RelayWaker relay)
      : database_{database}, relay_{relay} {}

  // `job` changes nothing.
  template <class F>
  auto read(F job) {
    return database_.run(std::move(job));
  }

  // `job` makes one change and returns its outcome, for which there is a wrote_event(outcome).
  template <class F>
  auto change(F job) {
    return database_.run([this, job = std::move(job)](postgres::Connection& connection) mutable {
      auto outcome = job(connection);
      relay_.after(outcome);
      return outcome;
    });
  }

 private:
  postgres::Database& database_;
  RelayWaker relay_;
};

}  // namespace fechatter::server
