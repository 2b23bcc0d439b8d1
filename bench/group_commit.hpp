#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fechatter_core/postgres/connection.hpp"

namespace fechatter::bench {

struct BareMessage {
  std::int64_t chat = 0;
  std::int64_t sender = 0;
  std::string content;
};

struct StoredMessage {
  std::int64_t id = 0;
  std::int64_t seq = 0;
  std::int64_t event_id = 0;
  std::string data;  // of the event
};

// The baseline of the write path: one connection and the simplest statement that stores a batch of
// messages in the same tables (seq of the chats, messages, events). It checks nothing. One thread.
class GroupCommit {
 public:
  // Events written as published are ignored by the relay.
  enum class Events { waiting, published };

  GroupCommit(const std::string& database_url, std::int64_t workspace,
              Events events = Events::waiting);

  // Returns after the commit, in the order of the batch.
  std::vector<StoredMessage> store(const std::vector<BareMessage>& batch);

 private:
  postgres::Connection connection_;
  const std::int64_t workspace_;
  const Events events_;
};

// A pgbench script that stores one message in a random chat in the same way. REQUIRES: the chats
// have consecutive ids and the sender is a member of each.
std::string pgbench_script(std::int64_t workspace, const std::vector<std::int64_t>& chats,
                           std::int64_t sender);

}  // namespace fechatter::bench
