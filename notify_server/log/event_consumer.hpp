#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "fechatter_core/nats/jetstream.hpp"
#include "notify_server/log/event_follower.hpp"

namespace fechatter::notify {

struct ConsumerSettings {
  nats::Settings nats;
  FollowRules rules;
};

// Runs the EventFollower on a thread of its own, which reconnects for ever, and hands what the
// stream says to the sink, in the order of the log.
class EventConsumer {
 public:
  // Called on the consumer's thread; may block.
  using Sink = EventFollower::Sink;

  EventConsumer(ConsumerSettings settings, Sink sink);
  ~EventConsumer();
  EventConsumer(const EventConsumer&) = delete;
  EventConsumer& operator=(const EventConsumer&) = delete;

  void start();
  void stop();

  // Whether the log reached the stream's head (or there is no stream yet), within the time-out.
  bool wait_until_warmed_up(std::chrono::milliseconds timeout);

 private:
  void run();
  void follow();
  bool pause(std::chrono::milliseconds time);

  const ConsumerSettings settings_;
  EventFollower follower_;  // the thread's own
  std::chrono::milliseconds backoff_{0};

  std::mutex mutex_;
  std::condition_variable changed_;
  bool warmed_up_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace fechatter::notify
