#include "fechatter_server/message/storage_quotas.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "fechatter_server/columns.hpp"

namespace fechatter::server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr BatchSize slice_max{100, 1};
// Before the next slice: so many times what the last one took, which a busy database stretches.
constexpr int rest = 9;
constexpr std::chrono::seconds rest_max{1};
constexpr std::int64_t bytes_per_mib = 1024 * 1024;

const postgres::Statement storage_statement{"storage_of_users",
                                            "SELECT * FROM storage_of_users($1, $2, $3)"};

bool exceeds(std::int64_t bytes, std::int64_t quota_mib) {
  return quota_mib > 0 && bytes >= quota_mib * bytes_per_mib;
}

// Returns false when the executor ends.
awaitable<bool> rest_for(Clock::duration duration) {
  const auto executor = co_await asio::this_coro::executor;
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer{executor};
  timer.expires_after(duration);
  boost::system::error_code ended;
  const asio::use_awaitable_t<Executor> token;
  co_await timer.async_wait(asio::redirect_error(token, ended));
  co_return !ended;
}

}  // namespace

StorageQuotas::StorageQuotas(const QuotaSettings& settings, postgres::Database& database)
    : settings_{settings},
      database_{database},
      slice_{slice_max},
      exceeded_{std::make_shared<const Exceeded>()} {}

std::optional<UsedUp> StorageQuotas::find_used_up(Caller caller) const {
  if (!any_) return std::nullopt;
  std::unique_lock lock{mutex_};
  const auto exceeded = exceeded_;
  lock.unlock();
  if (exceeded->users.contains(caller.user)) return UsedUp::user;
  if (exceeded->workspaces.contains(caller.workspace)) return UsedUp::workspace;
  return std::nullopt;
}

awaitable<> StorageQuotas::run() {
  do {
    try {
      co_await count();
    } catch (const std::exception& error) {
      slice_.failed();
      spdlog::warn("storage quotas: not counted: {}", error.what());
    }
  } while (co_await rest_for(settings_.count_interval));
}

// Users come in the order of their workspaces, so one sum is enough for these.
awaitable<> StorageQuotas::count() {
  if (settings_.user_mib == 0 && settings_.workspace_mib == 0) co_return;
  Exceeded exceeded;
  Stored last;
  std::int64_t of_workspace = 0;
  while (true) {
    const auto began = Clock::now();
    const auto asked = slice_.size().count;
    const auto slice = co_await read_after(last);
    const auto took = Clock::now() - began;
    for (const auto& stored : slice) {
      if (stored.workspace != last.workspace) of_workspace = 0;
      of_workspace += stored.bytes;
      if (exceeds(stored.bytes, settings_.user_mib)) exceeded.users.insert(stored.user);
      if (exceeds(of_workspace, settings_.workspace_mib)) {
        exceeded.workspaces.insert(stored.workspace);
      }
      last = stored;
    }
    if (slice.size() < asked) break;
    if (!co_await rest_for(std::min<Clock::duration>(took * rest, rest_max))) co_return;
  }
  publish(std::move(exceeded));
}

awaitable<std::vector<StorageQuotas::Stored>> StorageQuotas::read_after(Stored last) {
  co_return co_await database_.run([&](postgres::Connection& connection) {
    std::vector<Stored> slice;
    const auto rows =
        connection.run(storage_statement, last.workspace, last.user, slice_.size().count);
    for (const auto& row : rows) {
      slice.push_back(
          {to_id<WorkspaceId>(row[0]), to_id<UserId>(row[1]), row[2].as<std::int64_t>()});
    }
    slice_.succeeded();
    return slice;
  });
}

void StorageQuotas::publish(Exceeded exceeded) {
  const bool any = !exceeded.users.empty() || !exceeded.workspaces.empty();
  if (any && !any_) {
    spdlog::warn("storage quotas: used up by {} users and {} workspaces", exceeded.users.size(),
                 exceeded.workspaces.size());
  }
  auto next = std::make_shared<const Exceeded>(std::move(exceeded));
  const std::lock_guard lock{mutex_};
  exceeded_ = std::move(next);
  any_ = any;
}

}  // namespace fechatter::server
