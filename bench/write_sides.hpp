#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "bench/event_loop.hpp"
#include "bench/histogram.hpp"

namespace fechatter::bench {

// Chats with their members, and how many sends wait at any time.
struct Load {
  std::string database_url;
  std::int64_t workspace = 0;
  std::vector<std::int64_t> chats;
  std::int64_t first_member = 0;  // all chats have the same members …
  std::int64_t members = 0;       // … and so many
  std::size_t waiting = 64;
  std::size_t writers = 1;  // connections, of either side
};

struct WriteRound {
  double rows_per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
};

// The repository's AppendQueue: each send that is answered is followed by another one.
WriteRound append_for(const Load& load, double seconds);
// Plain group commit of as many: by one connection for one chat, by two for many.
WriteRound group_commit_for(const Load& load, double seconds);
// Transactions a second of pgbench with the same insert for one message, a transaction each.
double pgbench_for(const Load& load, std::size_t clients, double seconds);

}  // namespace fechatter::bench
