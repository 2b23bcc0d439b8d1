#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "bench/event_loop.hpp"

// The clients of the benchmarks. They are registered with an event loop and must not move.
namespace fechatter::bench {

struct StreamEvent {
  std::string_view name;  // empty for a heartbeat
  std::string_view data;
  Clock::time_point arrived;
};

// An SSE stream.
class SseClient : public Reader {
 public:
  using OnEvent = std::function<void(const StreamEvent&)>;

  // A response other than 200 makes the loop throw.
  SseClient(EventLoop& loop, std::uint16_t port, const std::string& token, OnEvent on_event);

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
  int status = 0;  // 0: no response
  std::string body;
  Clock::time_point began;  // just before the request's first byte was written
  Clock::time_point arrived;
};

struct HttpRequest {
  std::string_view method;
  std::string target;
  std::string body;             // JSON, or empty
  std::string_view token = {};  // replaces the token of the connection
  std::string headers = {};     // further lines, each with its CRLF
};

// A keep-alive connection for one request at a time; reopened when the server closes it.
class HttpConnection : public Reader {
 public:
  using OnAnswer = std::function<void(const Answer&)>;

  // Without a token, requests have no Authorization header.
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
