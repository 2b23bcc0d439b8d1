#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string_view>

namespace fechatter::bench {

using Clock = std::chrono::steady_clock;

// Thrown after SIGINT or SIGTERM: unwinds main, so that destructors stop the started servers.
struct Stopped : std::runtime_error {
  Stopped() : runtime_error{"stopped by a signal"} {}
};

// Throws std::system_error with the value of errno.
[[noreturn]] void fail(const char* what);

// From here on, SIGINT and SIGTERM set a flag, for which check_not_stopped() throws Stopped.
void take_signals();
void check_not_stopped();

// A connection to 127.0.0.1, without Nagle's delay. Reading never blocks.
class Socket {
 public:
  explicit Socket(std::uint16_t port);
  ~Socket();
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;

  int descriptor() const { return descriptor_; }
  // REQUIRES: fewer bytes than the socket's buffer holds; a short write throws.
  void write(std::string_view bytes) const;
  // Appends received bytes to `buffer`; false when the peer has closed.
  bool read(std::string& buffer) const;

 private:
  int descriptor_;
};

// Receives a call when its socket is readable.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual void readable() = 0;
};

// An epoll loop of one thread. Silent readers cost nothing.
class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Watches the socket until it is closed. REQUIRES: `reader` does not move until then.
  void add(const Socket& socket, Reader& reader);

  void run_until(Clock::time_point end);
  // Runs until `is_done` returns true, called after every round; false after `time`.
  bool run_until(const std::function<bool()>& is_done, Clock::duration time);

 private:
  void serve_once(Clock::time_point end);

  int descriptor_;
};

}  // namespace fechatter::bench
