#include "bench/closed_loop.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "bench/report.hpp"

namespace fechatter::bench {

ClosedLoop::ClosedLoop(EventLoop& loop, std::uint16_t port, const std::string& token,
                       std::size_t connections, Next next, int expected)
    : loop_{loop}, next_{std::move(next)}, expected_{expected} {
  for (std::size_t i = 0; i < connections; ++i) {
    connections_.emplace_back(loop, port, token,
                              [this, i](const Answer& answer) { note(i, answer); });
  }
}

void ClosedLoop::start() {
  under_way_ = connections_.size();
  for (std::size_t i = 0; i < connections_.size(); ++i) connections_[i].send(next_(i));
}

void ClosedLoop::finish() {
  finishing_ = true;
  const auto is_done = [this] { return under_way_ == 0; };
  if (!loop_.run_until(is_done, std::chrono::seconds{30})) {
    throw std::runtime_error{"requests were not answered within 30 s"};
  }
}

void ClosedLoop::note(std::size_t connection, const Answer& answer) {
  --under_way_;
  ++answered_;
  latencies_.push_back(milliseconds(answer.arrived - answer.began));
  if (answer.status != expected_ && ++refused_ == 1) {
    fmt::print(stderr, "refused: {} {}\n", answer.status, answer.body);
  }
  if (finishing_) return;
  ++under_way_;
  connections_[connection].send(next_(connection));
}

}  // namespace fechatter::bench
