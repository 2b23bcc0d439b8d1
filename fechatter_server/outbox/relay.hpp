#pragma once

#include <optional>
#include <string>

#include "fechatter_core/steady_clock.hpp"
#include "fechatter_server/outbox/event_chain.hpp"
#include "fechatter_server/outbox/relay_store.hpp"

namespace fechatter::server {

struct RelayRules {
  std::chrono::seconds republish{3600};  // how much of what was published last a new epoch repeats
  std::size_t batch_max = 512;           // events under way at once
  int keep_days = 2;                     // outbox partitions that stay after their day
};

// What the relay decides: who may publish, what is next, whether the stream still holds what was
// put there. It alone makes and writes the stream. Any trouble is an exception, and the cure is
// always the same: give_up(), and begin anew, with a new connection, from what the database and the
// stream say. A crash at any point costs nothing: what was published but not marked is found in the
// stream again. One thread; time is SteadyClock's.
class Relay {
 public:
  Relay(RelayRules rules, RelayStore& store, std::string holder);
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // Takes the lease or, with it, publishes a batch. Returns how long there is nothing to do, unless
  // the outbox grows. REQUIRES: `stream` is the same one until give_up().
  std::chrono::milliseconds step(event::EventStream& stream);
  // The next step looks whether the stream is sound, and holds what somebody has seen in it.
  void verify(event::StreamObservation seen);
  // Gives the lease back: another instance may still reach what this one has lost.
  void give_up();

  bool holding() const { return holding_; }

 private:
  using Clock = SteadyClock;

  std::chrono::milliseconds seek_lease();
  bool may_publish();
  void adopt(RelayState state);
  void tend_partitions();

  void take_up_chain(event::EventStream& stream);
  bool is_sound(event::EventStream& stream, const event::StreamState& state) const;
  bool holds_last_event(event::EventStream& stream, const event::StreamState& state) const;
  bool holds_what_was_seen(event::EventStream& stream, const event::StreamState& state) const;
  bool mark_what_is_there(event::EventStream& stream, std::uint64_t last_seq);
  bool mark_range(const std::vector<event::StreamMessage>& messages);
  event::StreamState begin_epoch(event::EventStream& stream,
                                 std::optional<event::StreamState> state);

  bool relay_batch();
  std::vector<OutboxRow> next_rows();
  void mark(const Published& published);

  const RelayRules rules_;
  RelayStore& store_;
  const std::string holder_;

  RelayState state_;
  bool holding_ = false;
  bool restored_ = false;  // the stream holds what this database has forgotten
  std::optional<EventChain> chain_;
  std::optional<event::StreamObservation> seen_;
  Clock::time_point asked_at_ = Clock::time_point::min();  // for the lease
  Clock::time_point renewed_at_;
  Clock::time_point published_at_;
  Clock::time_point checked_at_;
  std::optional<Clock::time_point> tended_at_;
};

}  // namespace fechatter::server
