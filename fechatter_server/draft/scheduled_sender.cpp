#include "fechatter_server/draft/scheduled_sender.hpp"

#include <spdlog/spdlog.h>

#include <bit>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "fechatter_core/error.hpp"

namespace fechatter::server {
namespace {

using Clock = std::chrono::steady_clock;

// A refusal that the next try would meet as well; nullopt: a dependency is away or busy.
std::optional<SendFailure> lasting(const Error& error) {
  const auto& info = error.info();
  if (info.status >= 500 || error.code() == ErrorCode::rate_limited) return std::nullopt;
  return SendFailure{std::string{info.code}, error.what()};
}

}  // namespace

awaitable<> ScheduledSender::run() {
  const auto executor = co_await asio::this_coro::executor;
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer{executor};
  boost::system::error_code ended;
  while (!ended) {
    const bool more = co_await send_due();
    timer.expires_after(more ? std::chrono::milliseconds{0} : settings_.interval);
    const asio::use_awaitable_t<Executor> token;
    co_await timer.async_wait(asio::redirect_error(token, ended));
  }
}

awaitable<bool> ScheduledSender::send_due() {
  bool more = false;
  try {
    auto due = co_await scheduled_.claim(settings_.slice, settings_.lease);
    for (auto& one : due) co_await send(std::move(one));
    more = due.size() == static_cast<std::size_t>(settings_.slice);
    failures_ = 0;
  } catch (const std::exception& error) {
    note_failure(error);
  }
  co_return more;
}

// What a dependency has ended stays claimed, and is tried again after the lease.
awaitable<> ScheduledSender::send(DueMessage due) {
  const auto id = due.scheduled.id;
  std::optional<SendFailure> failure;
  bool settled = false;
  try {
    co_await messages_.send(due.scheduled.sender, due.scheduled.chat_id,
                            std::move(due.scheduled.message));
    settled = true;
  } catch (const Error& error) {
    failure = lasting(error);
    if (!failure) note_failure(error);
  }
  if (!settled && !failure && due.tries >= settings_.tries_max) {
    failure = SendFailure{"server.internal", "The server could not send this message."};
  }
  if (settled) co_await scheduled_.settle(id);
  if (failure) co_await scheduled_.fail(id, *failure);
}

void ScheduledSender::note_failure(const std::exception& error) {
  const auto count = static_cast<unsigned>(++failures_);
  if (std::has_single_bit(count)) {
    spdlog::warn("scheduled messages: sending failed, {} times in a row: {}", count, error.what());
  }
}

}  // namespace fechatter::server
