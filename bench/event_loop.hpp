#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string_view>

namespace fechatter::bench {

using Clock = std::chrono::steady_clock;

// Ctrl-C or SIGTERM has come. It unwinds main, so that what was started is ended.
struct Stopped : std::runtime_error {
  Stopped() : runtime_error{"stopped by a signal"} {}
};

// From here on both signals only leave a note, which check_not_stopped() throws as Stopped.
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
  // REQUIRES: less than a socket's buffer; a short write throws.
  void write(std::string_view bytes) const;
  // Appends what has come to `buffer`; false when the peer has closed.
  bool read(std::string& buffer) const;

 private:
  int descriptor_;
};

// Something that waits for bytes.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual void readable() = 0;
};

// One thread's epoll. Thousands of readers cost nothing while they are silent.
class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Until the socket is closed. REQUIRES: `reader` stays where it is as long.
  void add(const Socket& socket, Reader& reader);

  void run_until(Clock::time_point end);
  // True as soon as `is_done`, asked after every round; false when it was not within `time`.
  bool run_until(const std::function<bool()>& is_done, Clock::duration time);

 private:
  void serve_once(Clock::time_point end);

  int descriptor_;
};

}  // namespace fechatter::bench
