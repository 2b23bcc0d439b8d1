#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "fechatter_core/adaptive_batch.hpp"
#include "fechatter_core/nats/pull_consumer.hpp"
#include "fechatter_core/observability/counter.hpp"
#include "fechatter_core/stop_signal.hpp"

namespace fechatter::nats {

// An event that can never be processed: the one at that place of the batch.
struct RefusedEvent {
  std::size_t index = 0;
  std::string reason;  // no content of messages: it is logged
};

// Thrown by a handler when one event of a batch can never be processed and the handler does not
// know which: the worker then passes the events one by one.
class EventRefusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The work of an EventWorker. Delivery is at least once and unordered: the same event comes again
// after a crash, a failure, a lost ack, or a handle() that took longer than the ack wait, and an
// older event of a message may follow a newer one. A handler is idempotent: handling an event
// twice, or after a newer one, leaves the same state as handling it once and in order (compare a
// version, or record the event's id in the transaction of its effect).
class EventHandler {
 public:
  virtual ~EventHandler() = default;

  // Returns when the effect of all events is durable, but for the refused ones. Events of no
  // interest count as handled. EventRefusal: see there; any other exception: the whole batch is
  // redelivered. On the worker's thread.
  virtual std::vector<RefusedEvent> handle(const std::vector<event::StreamMessage>& events) = 0;
};

struct WorkerSettings {
  Settings nats;
  std::string name;  // of the durable consumer, and the last token of the dead letters' subject
  BatchLimits limits;
  std::chrono::seconds ack_wait{5};  // longer than the handling of a batch takes
  // After a batch the worker rests so many times as long as the batch took, at most `rest_max`. A
  // full batch means that much is being sent: 3 leaves the worker a quarter of a processor.
  int rest_per_work = 0;
  int rest_per_full_batch = 0;
  std::chrono::milliseconds rest_max{250};
};

// What a worker counts, in events. Any thread.
struct WorkerCounts {
  observability::Counter acked;
  observability::Counter dead_lettered;
  observability::Counter failed;  // nak'd; they are redelivered
};

// Processes all events of the stream, from the oldest that is stored when its consumer is first
// made, in the background: any number of instances share the durable consumer `name`. One thread
// of its own, which calls the handler and reconnects for ever, with pauses from 0.2 to 5 s.
//
//  * handled: acked
//  * refused: moved to the dead-letter stream with its reason, and acked
//  * failed: nak'd, and redelivered after a pause, which doubles while the failure stays the same,
//    up to 5 s; without a limit of attempts, since the event is not the cause; the next batches are
//    half as large, and so they are after one that took half of the ack wait
//
// A worker that lags fetches a window of four batches (1,024 events at most, or one batch), in
// which the workspaces take turns, so that a workspace that writes much does not hold up the
// others.
//
// While there is no stream it waits for it. Memory: one window.
class EventWorker {
 public:
  // REQUIRES: `handler` outlives the worker.
  EventWorker(WorkerSettings settings, EventHandler& handler);
  // Returns when the current batch is handled; otherwise within half a second.
  ~EventWorker();
  EventWorker(const EventWorker&) = delete;
  EventWorker& operator=(const EventWorker&) = delete;

  // Consumer lag: events of the stream that no instance has acked yet, at most a second old while
  // NATS can be reached and no batch is in hand. Any thread.
  std::uint64_t lag() const { return lag_; }
  const WorkerCounts& counts() const { return counts_; }

 private:
  using Clock = std::chrono::steady_clock;
  using milliseconds = std::chrono::milliseconds;

  // Logs a cause when it is new, and doubles the pause while it stays the same.
  struct Backoff {
    std::string cause;
    milliseconds pause{0};
    // True when the cause is new.
    bool fail(const std::string& what);
    void reset();
  };

  void run();
  // Until the worker stops or the connection is lost, which throws.
  void serve(Connection& connection);
  // False when the worker stops before there is a stream.
  bool wait_for_stream(Connection& connection);
  void refresh_lag(PullConsumer& consumer);
  BatchLimits window_limits() const;

  // The batches of a window, in turns of the workspaces.
  void process_window(PullConsumer& consumer, Batch window);
  // False when the handler failed.
  bool process(PullConsumer& consumer, Batch& batch);
  // False when the handler failed: the events are nak'd.
  bool handle(PullConsumer& consumer, Batch& batch);
  bool handle_one_by_one(PullConsumer& consumer, Batch& batch);
  void settle(PullConsumer& consumer, const Batch& batch, const std::vector<RefusedEvent>& refused);
  void nak_from(PullConsumer& consumer, const Batch& batch, std::size_t first, milliseconds delay);

  const WorkerSettings settings_;
  EventHandler& handler_;
  std::atomic<std::uint64_t> lag_ = 0;
  WorkerCounts counts_;
  StopSignal stop_;

  // The thread's own from here on.
  Backoff connecting_;
  Backoff handling_;
  AdaptiveBatch batch_size_;
  Clock::time_point lag_read_at_;
  std::thread thread_;
};

}  // namespace fechatter::nats
