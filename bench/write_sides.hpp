#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "bench/event_loop.hpp"
#include "bench/histogram.hpp"

namespace fechatter::bench {

// The chats, their members, and the number of concurrent sends.
struct Load {
  std::string database_url;
  std::int64_t workspace = 0;
  std::vector<std::int64_t> chats;
  std::int64_t first_member = 0;  // all chats have the same members
  std::int64_t members = 0;       // number of members
  std::size_t waiting = 64;
  std::size_t writers = 1;  // connections of each side
};

struct WriteRound {
  double rows_per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
};

// The repository's AppendQueue in a closed loop: each acknowledged send is followed by the next
// one.
WriteRound append_for(const Load& load, double seconds);
// The baseline, group commit: one connection for one chat, two for many.
WriteRound group_commit_for(const Load& load, double seconds);
// Transactions per second of pgbench, each with the same insert for one message.
double pgbench_for(const Load& load, std::size_t clients, double seconds);

}  // namespace fechatter::bench
