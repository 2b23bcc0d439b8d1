#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "fechatter_core/event/erasures.hpp"
#include "fechatter_core/event/event_stream.hpp"
#include "fechatter_core/steady_clock.hpp"
#include "notify_server/log/event_order.hpp"
#include "notify_server/log/stream_update.hpp"

namespace fechatter::notify {

struct FollowRules {
  std::chrono::minutes ring{10};     // at the start the ring is filled with events this recent …
  std::size_t ring_events = 50'000;  // … and with so many at most
  std::int64_t dedup_window = DedupBitmap::default_window;
  observability::TracerPtr tracer = nullptr;
};

// The decisions of the consumer: where to begin, what each message of the stream means, and whether
// the stream is still the one that was read. A gap, or another message at a sequence already read,
// is reported to the relay, which begins a new epoch if the stream is damaged; what is not repaired
// within 3 s is a loss, and so is a new epoch that does not reach back to the last event read.
// A sequence that is missing because its text was erased is read as an empty one; while the records
// of erasures cannot be read, nothing is decided about missing ones.
// One thread; time is SteadyClock's.
class EventFollower {
 public:
  EventFollower(FollowRules rules, event::ErasureSource& erasures);

  // Opens the stream, or reads what is ready; waits up to 200 ms for a message. Each event is
  // parsed once; a malformed one is logged and skipped. Returns the pause before the next step.
  // Throws what the stream throws: then give_up(). REQUIRES: `stream` is the same until give_up().
  std::chrono::milliseconds step(event::EventStream& stream);
  // The updates since the last call, in the order of the stream; also after step() has thrown.
  std::vector<StreamUpdate> take_updates() { return std::exchange(updates_, {}); }
  // The connection is lost: the next step gets another stream.
  void give_up();

  // Whether the stream's head was reached, or there was no stream.
  bool warmed_up() const { return warmed_up_; }
  Position position() const { return order_.position(); }
  // Messages of the stream behind the last one that was read.
  std::uint64_t lag() const { return none_pending_ ? 0 : pending_; }

 private:
  using Clock = SteadyClock;

  std::chrono::milliseconds try_step(event::EventStream& stream);
  bool open(event::EventStream& stream);
  std::optional<event::StartAt> find_start(event::EventStream& stream,
                                           const event::StreamState& state);
  event::StartAt find_first_start(event::EventStream& stream, const event::StreamState& state);
  std::optional<event::StartAt> find_next_epoch(event::EventStream& stream,
                                                const event::StreamState& state);
  bool still_holds_last_read(event::EventStream& stream, const event::StreamState& state);
  bool read_batch(event::EventStream& stream, event::StreamMessage first);
  bool append_update(event::EventStream& stream, const event::StreamMessage& message);
  SequenceCheck check_order(const event::StreamMessage& message);
  bool pass_erased(std::int64_t epoch, std::uint64_t first, std::uint64_t last,
                   EventId republish_through);
  void check_for_stall(event::EventStream& stream);
  bool await_repair(event::EventStream& stream);
  void lose(Position up_to, EventId republish_through);
  void skip(Position at);
  void append_at_head();
  void append_if_warmed_up();

  const FollowRules rules_;
  event::KnownErasures erasures_;
  std::unique_ptr<event::EventReader> reader_;
  std::vector<StreamUpdate> updates_;

  EventOrder order_;
  event::StreamObservation last_read_;  // the message at order_.position()
  std::int64_t high_water_ns_ = 0;      // every event published until then has been read
  bool positioned_ = false;             // order_.position() is a position of the stream
  bool none_pending_ = false;           // NATS had nothing behind the last message
  std::uint64_t pending_ = 0;           // what NATS had there
  bool lagging_ = false;                // at the last check
  bool warmed_up_ = false;
  std::uint64_t head_at_open_ = 0;
  // The sequence of the last message that was read of the open stream. Another stream, or one that
  // lost its tail, has lower sequences than order_.position().
  std::uint64_t read_through_ = 0;
  std::optional<Clock::time_point> mismatch_since_;
};

}  // namespace fechatter::notify
