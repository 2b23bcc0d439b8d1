#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "fechatter_core/async.hpp"

namespace fechatter::http {

// A socket with one deadline, which ends whatever is being waited for. The timer is left running
// when the deadline moves on, and looks again when it fires: so a request in time costs no timer
// operation. Everything but the constructor and end_wait_if_idle, cut and executor runs on the
// socket's strand.
class TimedSocket : public std::enable_shared_from_this<TimedSocket> {
 public:
  // Makes the socket non-blocking, and switches Nagle's delay off.
  explicit TimedSocket(Socket socket);

  const Executor& executor() const { return executor_; }
  const std::string& peer_address() const { return peer_address_; }  // empty when it has gone

  void set_deadline(std::chrono::milliseconds from_now);
  void begin_deadline(std::chrono::milliseconds from_now);  // keeps one that is running
  void clear_deadline();
  bool expired() const { return expired_; }

  // Bytes read; 0 when the peer has gone, or when the wait has expired.
  awaitable<std::size_t> read_some(char* to, std::size_t size);
  // Writes both. False when the peer has gone, or did not take it within `timeout`, which takes the
  // deadline's place. Both texts outlive it.
  awaitable<bool> send(std::string_view head, std::string_view body,
                       std::chrono::milliseconds timeout);

  bool has_unread_input();
  void shut_down_send();
  void close();
  Socket release();

  // While it is idle, nothing would be lost by closing.
  void set_idle(bool idle) { idle_ = idle; }
  // Any thread. The first lets the deadline pass if the socket is idle.
  void end_wait_if_idle();
  void cut();

 private:
  using Clock = std::chrono::steady_clock;
  using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
  static constexpr Clock::time_point never = Clock::time_point::max();

  void arm();
  void on_timer();
  void expire();

  const Executor executor_;  // a copy: the socket may be moved out while others ask for it
  Socket socket_;
  Timer timer_;
  const std::string peer_address_;
  Clock::time_point deadline_ = never;     // of what is being waited for
  Clock::time_point armed_until_ = never;  // when the timer fires; never: it is not armed
  bool expired_ = false;
  bool idle_ = false;
};

}  // namespace fechatter::http
