#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "bench/group_commit.hpp"
#include "fechatter_core/nats/nats_connection.hpp"

// What the whole chain is measured against: the same hops without our work. Nobody is asked who
// they are, nothing is judged, nothing is promised.
namespace fechatter::bench {

struct BareChain {
  std::string database_url;
  std::string nats_url;
  std::int64_t workspace = 0;
  std::int64_t first_chat = 0;  // their ids are one run of numbers
  std::size_t group = 5;        // listeners of each, as BareStreams counts them
  std::uint16_t post_port = 0;
  std::uint16_t stream_port = 0;
};

// Takes POSTs with one epoll loop; a writer thread stores all that wait with one statement, answers
// them, and publishes them without waiting. Returns never.
void run_bare_api(const BareChain& chain);

// Reads the stream and tells each message to the sockets of its chat. Makes the stream. Returns
// never.
void run_bare_notify(const BareChain& chain);

}  // namespace fechatter::bench
