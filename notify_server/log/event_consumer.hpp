#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "fechatter_core/nats/jetstream.hpp"
#include "fechatter_core/postgres/erasure_reads.hpp"
#include "notify_server/log/event_follower.hpp"

namespace fechatter::notify {

class Hub;

struct ConsumerSettings {
  nats::Settings nats;
  FollowRules rules;
  std::string database_url;  // of the records of erasures
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

 private:
  void run();
  void follow();
  bool pause(std::chrono::milliseconds time);

  const ConsumerSettings settings_;
  Hub& hub_;
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
