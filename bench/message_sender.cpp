#include "bench/message_sender.hpp"

#include <cmath>
#include <stdexcept>

#include "bench/report.hpp"

namespace fechatter::bench {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr std::size_t connections = 64;

}  // namespace

MessageSender::MessageSender(EventLoop& loop, const Stage& stage, Archive& archive, double rate,
                             unsigned seed)
    : loop_{loop}, archive_{archive}, rate_{rate}, random_{seed} {
  const auto note = [this](const Answer& answer) {
    --under_way_;
    if (answer.status != 201) ++refused_;
    latencies_.push_back(milliseconds(answer.arrived - answer.began));
  };
  for (std::size_t i = 0; i < connections; ++i) {
    connections_.emplace_back(loop, stage.server_port(), stage.people().front().token(), note);
  }
}

void MessageSender::send_for(double seconds) {
  const auto begin = Clock::now();
  std::uniform_real_distribution<double> within_slot{0, 1};
  const auto count = std::lround(rate_ * seconds);
  for (long i = 0; i < count; ++i) {
    const Seconds offset{(static_cast<double>(i) + within_slot(random_)) / rate_};
    loop_.run_until(begin + std::chrono::duration_cast<Clock::duration>(offset));
    for (std::size_t tried = 0; connections_[next_ % connections].busy(); ++tried, ++next_) {
      if (tried == connections)
        throw std::runtime_error{"every sender has a pending request: the rate is too high"};
    }
    ++under_way_;
    connections_[next_ % connections].send(archive_.send_message(next_));
    ++next_;
  }
  const auto is_done = [this] { return under_way_ == 0; };
  if (!loop_.run_until(is_done, std::chrono::seconds{10})) {
    throw std::runtime_error{"messages were not answered within 10 s"};
  }
}

}  // namespace fechatter::bench
