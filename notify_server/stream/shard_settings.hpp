#pragma once

#include <chrono>
#include <cstdint>

#include "notify_server/log/event_ring.hpp"

namespace fechatter::notify {

struct ShardSettings {
  EventRing::Limits ring;
  std::size_t connection_events_max = 1024;        // of a connection's queue
  std::size_t connection_bytes_max = 1024 * 1024;  // of a connection's queue
  std::size_t connections_per_user = 20;           // the oldest beyond are closed
  std::chrono::milliseconds heartbeat{25'000};
  std::chrono::milliseconds known_user{10 * 60'000};  // idle users stay in the membership cache
  std::chrono::milliseconds retry{1'000};
  std::chrono::milliseconds cursor_wait{3'000};        // for the ring to reach a cursor
  std::chrono::milliseconds catch_up_timeout{10'000};  // then closed
  std::uint64_t replay_events_max = 1'000'000;  // of the stream, for one connection; else Reset
  std::chrono::milliseconds tick{1'000};
};

}  // namespace fechatter::notify
