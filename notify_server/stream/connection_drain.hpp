#pragma once

#include <future>

#include "fechatter_core/steady_timer.hpp"
#include "notify_server/stream/connection_table.hpp"

namespace fechatter::notify {

// Closes all connections of a shard, spread over a window of time. Shard's thread.
class ConnectionDrain {
 public:
  ConnectionDrain(asio::io_context& io, ConnectionTable& connections)
      : connections_{connections}, timer_{io} {}

  // Ready when the last connection is closed. Any thread; call once.
  std::future<void> finished() { return finished_.get_future(); }
  // Call once.
  void begin(std::chrono::milliseconds window);
  bool begun() const { return begun_; }
  // A connection has left the table.
  void on_closed();

 private:
  void close_share(std::size_t steps_left);

  ConnectionTable& connections_;
  SteadyTimer<asio::io_context::executor_type> timer_;
  bool begun_ = false;
  std::promise<void> finished_;
};

}  // namespace fechatter::notify
