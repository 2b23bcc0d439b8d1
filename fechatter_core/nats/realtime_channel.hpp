#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "fechatter_core/nats/nats_connection.hpp"

namespace fechatter::nats {

// One subject of core NATS, on which the instances exchange messages. Messages that are published
// while NATS is away, or while a subscriber lags, are lost. A thread of its own, which reconnects
// for ever.
class RealtimeChannel {
 public:
  // All on the channel's thread. They may publish. An exception ends the process.
  struct Handlers {
    // The subscription is active: later messages are received.
    std::function<void()> on_connected = {};
    // Without it, nothing is received: the channel only publishes.
    std::function<void(std::string_view)> on_message = {};
    // About every 200 ms, also while NATS is away.
    std::function<void()> on_turn = {};
    // Each message reaches one of the channels with this name; empty: all of them.
    std::string queue = {};
  };

  RealtimeChannel(Settings settings, std::string subject, Handlers handlers);
  ~RealtimeChannel();
  RealtimeChannel(const RealtimeChannel&) = delete;
  RealtimeChannel& operator=(const RealtimeChannel&) = delete;

  // To all subscribers, this instance included. A message is dropped while NATS is away. Any
  // thread; never throws.
  void publish(std::string_view text);
  // Whether the subscription is active.
  bool connected() const;
  // Waits until it is, or the time has come; returns whether it is. An instance that accepts
  // requests earlier would drop what they publish, and miss what others do. Any thread.
  bool wait_until_connected(std::chrono::steady_clock::time_point deadline);
  // Ends the thread: no message is received any more, but publish() still works.
  void stop();

 private:
  void run();
  void receive(const std::shared_ptr<Connection>& connection);
  void run_turn();
  void pause(std::chrono::milliseconds time);
  void set_connection(std::shared_ptr<Connection> connection);
  bool stopping() const;

  const Settings settings_;
  const std::string subject_;
  const Handlers handlers_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<Connection> connection_;
  bool stopping_ = false;
  std::chrono::steady_clock::time_point turn_at_;
  std::thread thread_;
};

}  // namespace fechatter::nats
