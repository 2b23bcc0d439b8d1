#pragma once

#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/thread.hpp"
#include "fechatter_server/outbox/eventful_database.hpp"

namespace fechatter::server {

// The messages that mention a user, in chats of which the user is a member now. Any thread; throws
// what EventfulDatabase::read throws.
class PostgresMentionRepository {
 public:
  explicit PostgresMentionRepository(EventfulDatabase& database) : database_{database} {}

  awaitable<MentionList> list(Caller caller, MentionPage page);

 private:
  EventfulDatabase& database_;
};

}  // namespace fechatter::server
