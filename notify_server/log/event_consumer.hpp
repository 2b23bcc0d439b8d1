#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "fechatter_core/nats/jetstream.hpp"
#include "fechatter_core/observability/counter.hpp"
#include "fechatter_core/postgres/erasure_reads.hpp"
#include "notify_server/log/event_follower.hpp"

namespace fechatter::notify {

class Hub;

struct ConsumerSettings {
  nats::Settings nats;
  FollowRules rules;
  std::string database_url;  // of the records of erasures
};

// What the consumer counts. Any thread.
struct ConsumerCounts {
  std::atomic<bool> connected{false};  // to NATS
  std::atomic<std::uint64_t> lag{0};   // messages of the stream that were not read yet
  std::atomic<std::int64_t> epoch{0};
  std::atomic<std::uint64_t> stream_seq{0};
  observability::Counter connects;
  observability::Counter events;  // first published
  observability::Counter losses;
};

// Runs the EventFollower on a thread of its own, reconnects for ever, and delivers the updates of
// the stream to the hub, in order.
class EventConsumer {
 public:
  EventConsumer(ConsumerSettings settings, Hub& hub);
  ~EventConsumer();
  EventConsumer(const EventConsumer&) = delete;
  EventConsumer& operator=(const EventConsumer&) = delete;

  void start();
  void stop();

  // Whether the rings reached the stream's head (or there is no stream yet), within the time-out.
  bool wait_until_warmed_up(std::chrono::milliseconds timeout);
  const ConsumerCounts& counts() const { return counts_; }

 private:
  void run();
  void follow();
  void deliver();
  bool pause(std::chrono::milliseconds time);

  const ConsumerSettings settings_;
  Hub& hub_;
  ConsumerCounts counts_;
  // Used by the thread only.
  postgres::ErasureReads erasures_;
  EventFollower follower_;
  std::chrono::milliseconds backoff_{0};

  std::mutex mutex_;
  std::condition_variable changed_;
  bool warmed_up_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace fechatter::notify
