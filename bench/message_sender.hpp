#pragma once

#include <deque>
#include <random>
#include <utility>
#include <vector>

#include "bench/archive.hpp"

namespace fechatter::bench {

// Sends messages at a constant rate, each at a random moment of its slot, over 64 connections of
// the stage's first person. The event loop's thread.
class MessageSender {
 public:
  MessageSender(EventLoop& loop, const Stage& stage, Archive& archive, double rate, unsigned seed);

  // Skips connections with a pending request, which keeps the rate constant, and returns when all
  // messages are answered.
  void send_for(double seconds);
  // In milliseconds, of the responses since the last call.
  std::vector<double> take_latencies() { return std::exchange(latencies_, {}); }
  std::size_t refused() const { return refused_; }

 private:
  EventLoop& loop_;
  Archive& archive_;
  const double rate_;
  std::mt19937 random_;
  std::deque<HttpConnection> connections_;
  std::size_t next_ = 0;
  std::size_t under_way_ = 0;
  std::size_t refused_ = 0;
  std::vector<double> latencies_;
};

}  // namespace fechatter::bench
