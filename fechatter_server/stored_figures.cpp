#include "fechatter_server/stored_figures.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "fechatter_core/steady_timer.hpp"

namespace fechatter::server {
namespace {

constexpr std::chrono::seconds backlog_interval{5};
constexpr std::chrono::minutes users_interval{10};

const postgres::Statement select_backlog{
    "metrics_backlog",
    "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8"
    " FROM (SELECT created_at FROM outbox WHERE stream_seq IS NULL ORDER BY id LIMIT $1) AS "
    "pending"};

const postgres::Statement select_active_users{
    "metrics_active_users",
    "SELECT count(*) FILTER (WHERE last_seen > now() - interval '1 day'),"
    " count(*) FILTER (WHERE last_seen > now() - interval '7 days'), count(*)"
    " FROM user_presence WHERE last_seen > now() - interval '30 days'"};

}  // namespace

awaitable<> StoredFigures::run() {
  SteadyTimer<Executor> timer{co_await asio::this_coro::executor};
  while (true) {
    co_await read_backlog();
    co_await read_active_users();
    timer.expires_after(backlog_interval);
    boost::system::error_code ended;
    const asio::use_awaitable_t<Executor> token;
    co_await timer.async_wait(asio::redirect_error(token, ended));
    if (ended) co_return;
  }
}

awaitable<> StoredFigures::read_backlog() {
  std::optional<OutboxBacklog> read;
  try {
    const auto job = [](postgres::Connection& connection) {
      const auto rows = connection.run(select_backlog, OutboxBacklog::count_max);
      return OutboxBacklog{rows[0][0].as<std::int64_t>(), rows[0][1].as<double>()};
    };
    read = co_await database_.run(job);
  } catch (const std::exception& error) {
    spdlog::debug("metrics: the backlog of the outbox was not read: {}", error.what());
  }
  const std::lock_guard lock{mutex_};
  backlog_ = read;
}

awaitable<> StoredFigures::read_active_users() {
  const auto at = Clock::now();
  const bool is_known = users_read_at_ && at - *users_read_at_ < users_interval;
  if (!holds_lease_() || is_known) co_return;
  users_read_at_ = at;
  std::optional<ActiveUsers> read;
  try {
    const auto job = [](postgres::Connection& connection) {
      const auto rows = connection.run(select_active_users);
      return ActiveUsers{rows[0][0].as<std::int64_t>(), rows[0][1].as<std::int64_t>(),
                         rows[0][2].as<std::int64_t>()};
    };
    read = co_await database_.run(job);
  } catch (const std::exception& error) {
    spdlog::debug("metrics: the active users were not counted: {}", error.what());
  }
  const std::lock_guard lock{mutex_};
  active_users_ = read;
}

std::optional<OutboxBacklog> StoredFigures::backlog() const {
  const std::lock_guard lock{mutex_};
  return backlog_;
}

std::optional<ActiveUsers> StoredFigures::active_users() const {
  if (!holds_lease_()) return std::nullopt;
  const std::lock_guard lock{mutex_};
  return active_users_;
}

}  // namespace fechatter::server
