#pragma once

#include <array>
#include <atomic>
#include <optional>
#include <string_view>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/observability/counter.hpp"
#include "fechatter_core/observability/histogram.hpp"

namespace fechatter::notify {

// Why a stream was closed.
enum class CloseCause {
  client_left,
  slow_consumer,
  token_expired,
  session_ended,     // revoked
  connection_limit,  // of its user: another one was opened
  catch_up_failed,   // the memberships or the missed events could not be read in time
  warmed_up,         // it was admitted before the ring was warm
  drained,
  count
};
std::string_view name_of(CloseCause cause);

// How a stream has gone live for the first time.
enum class StreamStart {
  fresh,    // without a cursor
  resumed,  // with everything since its cursor
  reset,
  count
};
std::string_view name_of(StreamStart start);

// In microseconds. The promise is 100 ms (docs/slo.md), so that is a bound.
inline constexpr std::array<std::uint64_t, 12> delivery_bounds{
    1'000,   2'500,   5'000,   10'000,    25'000,    50'000,
    100'000, 250'000, 500'000, 1'000'000, 2'500'000, 10'000'000};
inline constexpr observability::Buckets delivery_seconds{delivery_bounds,
                                                         observability::micros_per_second};

// What a shard counts. Written by its thread, read by any.
struct ShardCounts {
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> online_users{0};
  std::atomic<std::size_t> known_users{0};
  std::atomic<std::size_t> ring_events{0};
  std::atomic<std::size_t> ring_bytes{0};

  observability::Level queued_bytes;  // frames that no socket has accepted yet
  observability::Counter sent_bytes;
  observability::CounterSet<StreamStart> opened;
  observability::CounterSet<CloseCause> closed;
  observability::Counter resets;

  // From the commit of a message to the write of its event to a socket: of sockets that accepted it
  // at once, and of those that first had to wait for their client.
  observability::Histogram delivered{delivery_seconds};
  observability::Histogram delivered_late{delivery_seconds};
  // Of resumed streams, from their opening until they were live; and the events of each.
  observability::Histogram replay_times{observability::slow_seconds};
  observability::Histogram replay_sizes{observability::batch_sizes};

  std::uint64_t slow_consumers() const { return closed.value(CloseCause::slow_consumer); }
};

// Records the deliveries of one write to a socket. The clock is read once, and only if one of its
// frames is measured.
class DeliveryTimes {
 public:
  explicit DeliveryTimes(observability::Histogram& times) : times_{times} {}

  // `committed_at`: {} for a frame that is not measured.
  void record(Timestamp committed_at) {
    if (committed_at == Timestamp{}) return;
    if (!written_at_) written_at_ = now();
    times_.observe(*written_at_ - committed_at);
  }

 private:
  observability::Histogram& times_;
  std::optional<Timestamp> written_at_;
};

}  // namespace fechatter::notify
