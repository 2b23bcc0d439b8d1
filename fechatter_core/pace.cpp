#include "fechatter_core/pace.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "fechatter_core/steady_timer.hpp"

namespace fechatter {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds rest_max{1};

}  // namespace

void Pace::begin(int rest) {
  rest_ = rest;
  part_began_ = Clock::now();
}

awaitable<Clock::duration> Pace::rest() {
  if (!has_parts()) co_return Clock::duration::zero();
  SteadyTimer<Executor> timer{co_await asio::this_coro::executor};
  const auto ended = Clock::now();
  timer.expires_after(std::min<Clock::duration>((ended - part_began_) * rest_, rest_max));
  auto over = timer.async_wait(asio::use_awaitable_t<Executor>{});
  co_await std::move(over);
  part_began_ = Clock::now();
  co_return part_began_ - ended;
}

}  // namespace fechatter
