#include "fechatter_core/postgres/revocation_feed.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

namespace fechatter::postgres {
namespace {

constexpr std::chrono::milliseconds poll_interval{500};
constexpr std::chrono::seconds overlap{10};
constexpr int reported_failures = 3;

using Revoked = std::vector<std::pair<SessionId, Timestamp>>;
using Clock = std::chrono::steady_clock;

const Statement select_revoked{"select_revoked_sessions",
                               "SELECT id, unix_micros(revoked_at) FROM sessions "
                               "WHERE revoked_at > now() - $1::bigint * interval '1 second'"};

}  // namespace

RevocationFeed::RevocationFeed(Database& database, auth::RevokedSessions& revoked,
                               std::function<void(const std::vector<SessionId>&)> on_revoked)
    : database_{database}, revoked_{revoked}, on_revoked_{std::move(on_revoked)} {}

awaitable<> RevocationFeed::read(std::chrono::seconds window) {
  const auto revoked = co_await database_.run([&](Connection& connection) {
    Revoked found;
    for (const auto& row : connection.run(select_revoked, window.count())) {
      found.emplace_back(SessionId{row[0].as<std::int64_t>()},
                         from_unix_micros(row[1].as<std::int64_t>()));
    }
    return found;
  });
  const auto fresh = revoked_.add(revoked);
  if (!fresh.empty() && on_revoked_) on_revoked_(fresh);
}

awaitable<> RevocationFeed::load() {
  co_await read(2 * revoked_.token_life());
  loaded_ = true;
}

void RevocationFeed::require_loaded() const {
  if (loaded_) return;
  throw Error{ErrorCode::database_unavailable,
              "Which sessions are over is not known yet. Try again in a moment."};
}

awaitable<> RevocationFeed::check() const {
  if (const int failures = failures_; failures >= reported_failures) {
    throw Error{ErrorCode::internal, fmt::format("{} failures in a row", failures)};
  }
  co_return;
}

void RevocationFeed::note_failure(const std::exception& error) {
  if (failures_++ == 0) {
    spdlog::warn("revocations: revoked sessions not read; retrying: {}", error.what());
  } else {
    spdlog::debug("revocations: revoked sessions not read: {}", error.what());
  }
}

void RevocationFeed::note_success() {
  if (failures_.exchange(0) > 0) spdlog::info("revocations: working again");
}

awaitable<> RevocationFeed::run() {
  const auto executor = co_await asio::this_coro::executor;
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer{executor};
  bool complete = false;
  while (true) {
    try {
      if (complete) {
        co_await read(overlap);
      } else {
        co_await load();
      }
      complete = true;
      note_success();
    } catch (const std::exception& error) {
      // After an outage of the database, 10 s of overlap may be too short: read everything again.
      complete = false;
      note_failure(error);
    }
    timer.expires_after(poll_interval);
    boost::system::error_code ended;
    const asio::use_awaitable_t<Executor> token;
    co_await timer.async_wait(asio::redirect_error(token, ended));
    if (ended) co_return;
  }
}

void wait_at_start(std::future<void> loading, std::chrono::steady_clock::time_point deadline) {
  try {
    if (loading.wait_until(deadline) == std::future_status::ready) return loading.get();
    spdlog::warn("starting without the database");
  } catch (const std::exception& error) {
    spdlog::warn("starting without the database: {}", error.what());
  }
}

}  // namespace fechatter::postgres
