#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "bench/event_loop.hpp"

// The two clients of the benchmarks. They live in an event loop and must stay where they are.
namespace fechatter::bench {

struct StreamEvent {
  std::string_view name;  // empty for a heartbeat
  std::string_view data;
  Clock::time_point arrived;
};

// An open stream of events, from the request on.
class EventStream : public Reader {
 public:
  using OnEvent = std::function<void(const StreamEvent&)>;

  // Throws, out of the loop, when the answer is not 200.
  EventStream(EventLoop& loop, std::uint16_t port, const std::string& token, OnEvent on_event);

  void readable() override;
  bool caught_up() const { return caught_up_; }
  bool ended() const { return ended_; }

 private:
  bool take_head();
  void take_events(Clock::time_point arrived);

  Socket socket_;
  OnEvent on_event_;
  std::string buffer_;
  bool answered_ = false;
  bool caught_up_ = false;
  bool ended_ = false;
};

struct Answer {
  int status = 0;  // 0: the connection ended without one
  std::string body;
  Clock::time_point began;  // just before the request's first byte was written
  Clock::time_point arrived;
};

struct HttpRequest {
  std::string_view method;
  std::string target;
  std::string body;             // JSON, or empty
  std::string_view token = {};  // another one than the connection's
};

// A kept-alive connection for one request after another; opened again when the server closes it.
class HttpConnection : public Reader {
 public:
  using OnAnswer = std::function<void(const Answer&)>;

  // Without a token nothing is said of who asks.
  HttpConnection(EventLoop& loop, std::uint16_t port, std::string token, OnAnswer on_answer);

  bool busy() const { return busy_; }
  // REQUIRES: not busy.
  void send(const HttpRequest& request);
  void readable() override;

 private:
  void reopen();
  bool take_answer(Answer& answer);

  EventLoop& loop_;
  const std::uint16_t port_;
  const std::string token_;
  Socket socket_;
  OnAnswer on_answer_;
  std::string buffer_;
  Clock::time_point began_;
  bool busy_ = false;
};

}  // namespace fechatter::bench
