#pragma once

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "bench/http_streams.hpp"

namespace fechatter::bench {

// Keep-alive connections that each send the next request as soon as the previous one is answered.
// The event loop's thread. REQUIRES: finish() before the destructor.
class ClosedLoop {
 public:
  using Next = std::function<HttpRequest(std::size_t connection)>;

  // A response with another status than `expected` counts as refused.
  ClosedLoop(EventLoop& loop, std::uint16_t port, const std::string& token, std::size_t connections,
             Next next, int expected);

  void start();
  // Stops sending and waits for the pending responses; throws after 30 s.
  void finish();

  std::size_t answered() const { return answered_; }
  std::size_t refused() const { return refused_; }
  // In milliseconds, of the responses since the last call.
  std::vector<double> take_latencies() { return std::exchange(latencies_, {}); }

 private:
  void note(std::size_t connection, const Answer& answer);

  EventLoop& loop_;
  const Next next_;
  const int expected_;
  std::deque<HttpConnection> connections_;
  bool finishing_ = false;
  std::size_t under_way_ = 0;
  std::size_t answered_ = 0;
  std::size_t refused_ = 0;
  std::vector<double> latencies_;
};

}  // namespace fechatter::bench
