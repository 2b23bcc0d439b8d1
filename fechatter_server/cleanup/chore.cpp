#include "fechatter_server/cleanup/chore.hpp"

#include <spdlog/spdlog.h>

#include <bit>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace fechatter::server {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds failed_interval{5'000};
constexpr milliseconds slice_interval{50};             // requests get the database in between
constexpr milliseconds smaller_slice_interval{1'000};  // of a smaller slice, after a time-out

}  // namespace

Chore::Chore(const ChoreKind& kind, EventfulDatabase& database, const CleanupSettings& settings)
    : kind_{kind},
      database_{database},
      settings_{settings},
      size_{settings.slice_max},
      slice_{settings.slice_max} {}

awaitable<> Chore::run() {
  const auto executor = co_await asio::this_coro::executor;
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer{executor};
  boost::system::error_code ended;
  while (!ended) {
    const auto pause = co_await clean_up();
    timer.expires_after(pause);
    const asio::use_awaitable_t<Executor> token;
    co_await timer.async_wait(asio::redirect_error(token, ended));
  }
}

awaitable<milliseconds> Chore::clean_up() {
  const int wanted = size_.value();
  milliseconds pause = kind_.interval;
  try {
    const auto cleaned = co_await take_slice();
    if (failures_ > 0) spdlog::info("cleanup of {}: working again", kind_.name);
    failures_ = 0;
    size_.done(took_, settings_.statement_timeout);
    if (cleaned.removed >= wanted) pause = slice_interval;
  } catch (const pqxx::sql_error& error) {
    pause = note_failure(error, postgres::is_statement_timeout(error));
  } catch (const std::exception& error) {
    pause = note_failure(error, false);
  }
  slice_ = size_.value();
  co_return pause;
}

awaitable<CleanedUp> Chore::take_slice() {
  return database_.change([this](postgres::Connection& connection) {
    const auto begun = Clock::now();
    const int removed = connection.run(kind_.statement, size_.value())[0][0].as<int>();
    took_ = Clock::now() - begun;
    return CleanedUp{removed, kind_.writes_events && removed > 0};
  });
}

milliseconds Chore::note_failure(const std::exception& error, bool timed_out) {
  const auto count = static_cast<unsigned>(++failures_);
  const int size = size_.value();
  if (std::has_single_bit(count)) {
    spdlog::warn("cleanup of {} failed with a slice of {}, {} times in a row: {}", kind_.name, size,
                 count, error.what());
  }
  if (!timed_out) return failed_interval;
  size_.timed_out();
  return size > 1 ? smaller_slice_interval : failed_interval;
}

}  // namespace fechatter::server
