#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "fechatter_core/nats/connection.hpp"

namespace fechatter::nats {

// One subject of core NATS, on which the instances talk to each other: what is said while NATS is
// away, or faster than somebody reads, is lost. A thread of its own, which reconnects for ever.
class RealtimeChannel {
 public:
  // All on the channel's thread. They may publish. What they throw ends the process.
  struct Handlers {
    // From here on nothing is missed.
    std::function<void()> on_connected = {};
    std::function<void(std::string_view)> on_message = {};
    // Five times a second, or as often as that is possible; also while NATS is away.
    std::function<void()> on_turn = {};
  };

  RealtimeChannel(Settings settings, std::string subject, Handlers handlers);
  ~RealtimeChannel();
  RealtimeChannel(const RealtimeChannel&) = delete;
  RealtimeChannel& operator=(const RealtimeChannel&) = delete;

  // As fast as NATS is, to all who listen, this instance too. Any thread; never throws.
  void publish(std::string_view text);
  // Whether it hears the others at this moment.
  bool connected() const;
  // Ends the thread: from here on nothing is heard, but publishing goes on.
  void stop();

 private:
  void run();
  void listen(const std::shared_ptr<Connection>& connection);
  void take_turn();
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
