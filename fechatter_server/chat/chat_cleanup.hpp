#pragma once

#include "fechatter_server/outbox/eventful_database.hpp"

namespace fechatter::server {

struct CleanedUp {
  bool more = false;  // there is another slice to clean up now
};

// SQL does not say whether a slice wrote an event (a new member count of a large chat).
inline bool wrote_event(const CleanedUp&) {
  return true;
}

// The background cleanup, every 5 s and in slices: removes the messages of deleted chats, expired
// event tickets and sessions, and writes the member-count events of large chats. Each instance runs
// one; rows that another instance has locked are skipped.
class ChatCleanup {
 public:
  explicit ChatCleanup(EventfulDatabase& database) : database_{database} {}

  // Never returns; ends with its executor. Spawn it detached.
  awaitable<> run();
  // One slice. Throws what Database::run throws.
  awaitable<CleanedUp> clean_up();

 private:
  EventfulDatabase& database_;
};

}  // namespace fechatter::server
