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

// What the write path is measured against: one connection and the plainest statement that stores a
// batch of messages in the same tables: the chat's seq, the messages, their events. It judges
// nothing. One thread.
class GroupCommit {
 public:
  // Events that are written as published are none of a relay's business.
  enum class Events { waiting, published };

  GroupCommit(const std::string& database_url, std::int64_t workspace,
              Events events = Events::waiting);

  // Durable when it returns; in the order of the batch.
  std::vector<StoredMessage> store(const std::vector<BareMessage>& batch);

 private:
  postgres::Connection connection_;
  const std::int64_t workspace_;
  const Events events_;
};

// The same for one message to a random one of the chats, as a script for pgbench. REQUIRES: their
// ids are one run of numbers, and the sender is in all.
std::string pgbench_script(std::int64_t workspace, const std::vector<std::int64_t>& chats,
                           std::int64_t sender);

}  // namespace fechatter::bench
