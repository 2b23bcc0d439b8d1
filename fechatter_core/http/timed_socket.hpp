#pragma once

#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fechatter_core/async.hpp"

namespace fechatter::http {

// A socket with one deadline, which ends the current wait. The timer runs on when the deadline is
// moved, and compares again when it fires, so a request in time costs no timer operation.
// Everything but the constructor, end_wait_if_idle, cut, waiting_since and executor runs on the
// socket's strand.
class TimedSocket : public std::enable_shared_from_this<TimedSocket> {
 public:
  // Makes the socket non-blocking and disables Nagle's delay.
  explicit TimedSocket(Socket socket);

  const Executor& executor() const { return executor_; }
  const std::string& peer_address() const {
    return peer_address_;
  }  // empty when it has disconnected

  void set_deadline(std::chrono::milliseconds from_now);
  void begin_deadline(std::chrono::milliseconds from_now);  // unless one is running
  void clear_deadline();
  bool expired() const { return expired_; }

  // Bytes read; 0 when the peer has closed the connection, or when the deadline has passed.
  awaitable<std::size_t> read_some(char* to, std::size_t size);
  // Writes both texts. False when the peer has closed the connection, or did not accept them within
  // `timeout`, which replaces the deadline. Both texts outlive the call.
  awaitable<bool> send(std::string_view head, std::string_view body,
                       std::chrono::milliseconds timeout);

  // Sends `count` bytes of a regular file by sendfile(2), which waits for what is not in the
  // kernel's memory. False when the peer has closed the connection, or did not accept
  // `file_progress_min` bytes within `timeout`. Throws std::runtime_error when the file is shorter.
  awaitable<bool> send_file(int file, std::uint64_t offset, std::uint64_t count,
                            std::chrono::milliseconds timeout);

  // Lets the other work of the thread run first.
  awaitable<void> yield();

  bool has_unread_input();
  void shut_down_send();
  void close();
  Socket release();

  // The connection can be closed without a loss while it is idle.
  void set_idle(bool idle) { idle_ = idle; }
  // While the server waits for a peer without an identity, the connection may be closed to make
  // room for others. A wait that goes on keeps its beginning.
  void begin_evictable_wait();
  void end_evictable_wait() { waiting_since_.store(not_waiting, std::memory_order_relaxed); }
  // The beginning of that wait; nullopt: there is none. Any thread.
  std::optional<std::chrono::steady_clock::time_point> waiting_since() const;

  // Any thread. The first one ends the wait of an idle socket, the second one closes the socket.
  void end_wait_if_idle();
  void cut();

  static constexpr std::uint64_t file_progress_min = 64 * 1024;

 private:
  using Clock = std::chrono::steady_clock;
  using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
  static constexpr Clock::time_point never = Clock::time_point::max();

  void arm();
  void on_timer();
  void expire();

  static constexpr Clock::rep not_waiting = 0;

  const Executor executor_;  // a copy: release() moves the socket out
  Socket socket_;
  Timer timer_;
  const std::string peer_address_;
  Clock::time_point deadline_ = never;     // of the current wait
  Clock::time_point armed_until_ = never;  // when the timer fires; never: it is not armed
  bool expired_ = false;
  bool idle_ = false;
  std::atomic<Clock::rep> waiting_since_ = not_waiting;
};

}  // namespace fechatter::http
