#pragma once

#include <optional>
#include <string>

#include "fechatter_core/adaptive_batch.hpp"
#include "fechatter_core/steady_clock.hpp"
#include "fechatter_server/outbox/event_chain.hpp"
#include "fechatter_server/outbox/relay_counts.hpp"
#include "fechatter_server/outbox/relay_store.hpp"

namespace fechatter::server {

struct RelayRules {
  std::chrono::seconds republish{3600};  // a new epoch republishes the events of this last time
  std::size_t batch_max = 512;           // events in flight at once …
  std::size_t batch_bytes_max = 4 * 1024 * 1024;  // … and the bytes of their envelopes
  int keep_days = 2;    // outbox partitions are kept so long after their day
  int stream_days = 8;  // longer than the stream keeps a message
  observability::TracerPtr tracer = nullptr;
};

// The decisions of the relay: which instance publishes, which event is next, whether the stream
// still holds what was published. The relay alone creates and writes the stream. Any failure is an
// exception with one cure: give_up(), and a new start over a new connection from the state of the
// database and the stream. A crash at any point costs nothing: an event that was published and not
// marked is found in the stream and marked. What took too long is asked for again in a batch of
// half the size: neither an answer that did not come in time nor one that came short is a loss. One
// thread; time is SteadyClock's.
class Relay {
 public:
  // `holder` names this instance in the lease and in the log.
  Relay(RelayRules rules, RelayStore& store, std::string holder);
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // Acquires the lease or, while holding it, publishes the next batch of the outbox. Returns how
  // long there is nothing to do unless the outbox grows. REQUIRES: `stream` is the same one until
  // give_up().
  std::chrono::milliseconds step(event::EventStream& stream);
  // The next step verifies the stream, and that it still holds the observed message.
  void verify(event::StreamObservation observation);
  // Releases the lease: another instance may still reach what this one cannot.
  void give_up();

  // Both by any thread.
  bool holding() const { return holding_; }
  const RelayCounts& counts() const { return counts_; }

 private:
  using Clock = SteadyClock;

  std::chrono::milliseconds try_step(event::EventStream& stream);
  std::chrono::milliseconds try_acquire_lease();
  bool may_publish();
  void adopt(RelayState state);
  void maintain_partitions();

  // The outbox.
  std::vector<OutboxRow> next_rows();
  std::vector<OutboxRow> rows_to_republish();
  void mark(const Published& published);

  // The stream.
  void resume_chain(event::EventStream& stream);
  // Why the stream is not the one that was published to; nothing when it is.
  std::optional<std::string> find_damage(event::EventStream& stream,
                                         const event::StreamState& state);
  // Whether a message is missing that was not erased.
  bool has_lost_message(event::EventStream& stream, const event::StreamState& state);
  bool was_erased(std::uint64_t stream_seq, const std::string& message_id) const;
  bool holds_last_event(event::EventStream& stream, const event::StreamState& state) const;
  bool ends_otherwise(event::EventStream& stream, const event::StreamState& state) const;
  bool holds_observation(event::EventStream& stream, const event::StreamState& state) const;
  bool mark_stored(event::EventStream& stream, std::uint64_t last_seq);
  std::vector<event::StreamMessage> read_tail(event::EventStream& stream,
                                              const event::StreamState& state);
  bool mark_range(const std::vector<event::StreamMessage>& messages);
  event::StreamState begin_epoch(event::EventStream& stream,
                                 std::optional<event::StreamState> state,
                                 const std::string& reason);

  const RelayRules rules_;
  RelayStore& store_;
  const std::string holder_;

  RelayState state_;
  std::atomic<bool> holding_ = false;
  RelayCounts counts_;
  AdaptiveBatch batch_;
  bool restored_ = false;  // the stream holds events that this database has lost
  std::optional<EventChain> chain_;
  std::optional<event::StreamObservation> observation_;
  Clock::time_point lease_tried_at_ = Clock::time_point::min();
  Clock::time_point renewed_at_;
  Clock::time_point published_at_;
  Clock::time_point verified_at_;
  std::vector<std::uint64_t> known_holes_;  // of this epoch, left by erasures
  Clock::time_point partitions_due_at_;
};

}  // namespace fechatter::server
