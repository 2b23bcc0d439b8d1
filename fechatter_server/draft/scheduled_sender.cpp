#include "fechatter_server/draft/scheduled_sender.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <bit>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <map>

#include "fechatter_core/error.hpp"

namespace fechatter::server {
namespace {

using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

// A refusal that the next try would meet as well; nullopt: a dependency is away or busy.
std::optional<SendFailure> lasting(const Error& error) {
  const auto& info = error.info();
  if (info.status >= 500 || error.code() == ErrorCode::rate_limited) return std::nullopt;
  return SendFailure{std::string{info.code}, error.what()};
}

std::chrono::seconds delay_after(int tries, std::chrono::seconds longest) {
  return std::min(std::chrono::seconds{1 << std::clamp(tries, 0, 16)}, longest);
}

}  // namespace

awaitable<> ScheduledSender::run() {
  const auto executor = co_await asio::this_coro::executor;
  Timer timer{executor};
  boost::system::error_code ended;
  while (!ended) {
    const bool more = co_await send_due();
    timer.expires_after(more ? std::chrono::milliseconds{0} : settings_.interval);
    const asio::use_awaitable_t<Executor> token;
    co_await timer.async_wait(asio::redirect_error(token, ended));
  }
}

awaitable<bool> ScheduledSender::send_due() {
  failure_.reset();
  bool claimed = false;
  bool empty = true;
  bool more = false;
  try {
    auto due = co_await scheduled_.claim(settings_.slice, settings_.lease);
    claimed = true;
    empty = due.empty();
    more = due.size() == static_cast<std::size_t>(settings_.slice);
    auto sending = send_all(std::move(due));
    co_await std::move(sending);
  } catch (const std::exception& error) {
    note_failure(error);
  }
  end_slice(claimed, empty);
  co_return more;
}

awaitable<> ScheduledSender::send_all(std::vector<DueMessage> due) {
  std::map<ChatId, std::vector<DueMessage>> chats;
  for (auto& one : due) chats[one.scheduled.chat_id].push_back(std::move(one));
  const auto executor = co_await asio::this_coro::executor;
  Timer all_sent{executor, Clock::time_point::max()};
  auto sending = chats.size();
  for (auto& [chat, messages] : chats) {
    asio::co_spawn(executor, send_in_order(std::move(messages)),
                   [&all_sent, &sending](const std::exception_ptr&) {
                     if (--sending == 0) all_sent.cancel();
                   });
  }
  boost::system::error_code ended;
  while (sending > 0) {
    const asio::use_awaitable_t<Executor> token;
    co_await all_sent.async_wait(asio::redirect_error(token, ended));
  }
}

// What fails is no reason to leave out those behind it.
awaitable<> ScheduledSender::send_in_order(std::vector<DueMessage> of_one_chat) {
  for (auto& due : of_one_chat) {
    try {
      auto sending = send(std::move(due));
      co_await std::move(sending);
    } catch (const std::exception& error) {
      note_failure(error);
    }
  }
}

// What stays claimed, because the database is away, is tried again after the lease.
awaitable<> ScheduledSender::send(DueMessage due) {
  const auto id = due.scheduled.id;
  auto failure = due.scheduled.failure;
  bool settled = false;
  const TraceContext no_trace;
  if (!failure) {
    try {
      co_await messages_.send(due.scheduled.sender, due.scheduled.chat_id,
                              std::move(due.scheduled.message), no_trace);
      settled = true;
    } catch (const Error& error) {
      failure = lasting(error);
      if (!failure) note_failure(error);
    } catch (const std::exception& error) {
      note_failure(error);
    }
  }
  if (!settled && !failure && due.tries >= settings_.tries_max) {
    failure = SendFailure{"server.internal", "The server could not send this message."};
  }
  if (settled) {
    co_await scheduled_.settle(id);
  } else if (failure) {
    co_await scheduled_.fail(id, *failure);
  } else {
    const auto delay = delay_after(due.tries, settings_.lease);
    co_await scheduled_.release(id, due.tries, delay);
  }
}

void ScheduledSender::note_failure(const std::exception& error) {
  failure_ = error.what();
}

// An empty slice says nothing while a message that has failed waits for its next try. After a
// failed claim it says that the database is back.
void ScheduledSender::end_slice(bool claimed, bool empty) {
  const auto time = Clock::now();
  if (!failure_) {
    if (!empty || time - failed_at_ > 2 * settings_.lease) failures_ = 0;
    return;
  }
  if (claimed) failed_at_ = time;
  const auto count = static_cast<unsigned>(++failures_);
  if (std::has_single_bit(count)) {
    spdlog::warn("scheduled messages: sending failed, {} times in a row: {}", count, *failure_);
  }
}

}  // namespace fechatter::server
