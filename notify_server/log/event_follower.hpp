#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "fechatter_core/event/event_stream.hpp"
#include "fechatter_core/steady_clock.hpp"
#include "notify_server/log/event_order.hpp"
#include "notify_server/log/stream_update.hpp"

namespace fechatter::notify {

struct FollowRules {
  std::chrono::minutes ring{10};     // how far back the log is filled at the start …
  std::size_t ring_events = 50'000;  // … and how many events of that at most
  std::int64_t dedup_window = DedupBitmap::default_window;  // told apart, see there
};

// What the consumer decides: where to begin, what each message of the stream is, and whether the
// stream still is what it was. What does not fit together (a jump, another message where one was
// seen) is shown to the relay, which begins a new epoch if the stream is damaged; what is not
// healed in 3 s is a loss, and so is a new epoch that does not reach back to what was seen last.
// One thread; time is SteadyClock's.
class EventFollower {
 public:
  // Told in the order of the log. May block.
  using Sink = std::function<void(const std::vector<StreamUpdate>&)>;

  EventFollower(FollowRules rules, Sink sink);

  // Takes what is ready; waits a little when nothing is. Parses each event once. A message that is
  // no event is logged and skipped. Returns how long to wait before the next step. Throws what the
  // stream throws: then give_up(). REQUIRES: `stream` is the same one until give_up().
  std::chrono::milliseconds step(event::EventStream& stream);
  // The stream is worth nothing any more: the next step brings another one.
  void give_up();

  // Whether the log has reached the stream's head, or there was no stream.
  bool warmed_up() const { return warmed_up_; }
  Position position() const { return order_.position(); }

 private:
  using Clock = SteadyClock;

  bool open(event::EventStream& stream);
  std::optional<event::StartAt> find_start(event::EventStream& stream,
                                           const event::StreamState& state);
  event::StartAt find_first_start(event::EventStream& stream, const event::StreamState& state);
  std::optional<event::StartAt> find_next_epoch(event::EventStream& stream,
                                                const event::StreamState& state);
  bool holds_what_was_seen(event::EventStream& stream, const event::StreamState& state) const;

  void read(event::EventStream& stream);
  bool take_ready(event::EventStream& stream, event::StreamMessage first);
  bool take(event::EventStream& stream, const event::StreamMessage& message,
            std::vector<StreamUpdate>& batch);
  StreamUpdate update_of(const event::StreamMessage& message, Position at);
  StreamUpdate skip(Position at);
  StreamUpdate lose(Position up_to, EventId republish_through);
  bool is_patient(event::EventStream& stream);
  void announce_head();
  void announce_if_warmed_up();

  const FollowRules rules_;
  const Sink sink_;
  std::unique_ptr<event::EventReader> reader_;

  EventOrder order_;
  event::StreamObservation seen_;  // the message at order_.position() …
  std::int64_t seen_at_ns_ = 0;    // all that was published up to then has been
  bool begun_ = false;             // order_.position() is a place in the log
  bool caught_up_ = false;
  bool behind_ = false;  // seen once already
  bool warmed_up_ = false;
  std::uint64_t end_ = 0;                         // of the stream, when it was opened
  std::optional<Clock::time_point> doubt_since_;  // something does not fit together
};

}  // namespace fechatter::notify
