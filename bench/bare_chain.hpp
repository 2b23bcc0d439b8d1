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

// The baseline of the whole chain: the same hops without authentication, validation or guarantees.
namespace fechatter::bench {

struct BareChain {
  std::string database_url;
  std::string nats_url;
  std::int64_t workspace = 0;
  std::int64_t first_chat = 0;  // the chats have consecutive ids
  std::size_t group = 5;        // subscribers per chat, numbered as in BareStreams
  std::uint16_t post_port = 0;
  std::uint16_t stream_port = 0;
};

// Accepts POSTs with one epoll loop; a writer thread stores all waiting posts with one statement,
// answers them, and publishes them without waiting for acks. Never returns.
void run_bare_api(const BareChain& chain);

// Creates the stream, reads it, and delivers each message to the sockets of its chat. Never
// returns.
void run_bare_notify(const BareChain& chain);

}  // namespace fechatter::bench
