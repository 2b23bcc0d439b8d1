#include "notify_server/membership/membership_loader.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "fechatter_core/steady_timer.hpp"

namespace fechatter::notify {
namespace {

constexpr std::size_t loaded_users_max = 1000;  // users of one statement
constexpr std::chrono::milliseconds first_pause{100};
constexpr std::chrono::milliseconds longest_pause{1000};

}  // namespace

MembershipLoader::MembershipLoader(MembershipCache& cache, Executor executor,
                                   MembershipSource source, std::function<void()> on_loaded)
    : cache_{cache},
      executor_{std::move(executor)},
      source_{std::move(source)},
      on_loaded_{std::move(on_loaded)} {}

void MembershipLoader::request(CachedUser& user) {
  cache_.begin_read(user);
  requested_.push_back(user.id);
  if (loading_) return;
  loading_ = true;
  asio::co_spawn(executor_, load(), asio::detached);
}

void MembershipLoader::reload_connected() {
  for (auto* user : cache_.retain_connected()) {
    if (!user->reading) request(*user);
  }
}

void MembershipLoader::discard_reads() {
  ++generation_;
  requested_.clear();
}

awaitable<> MembershipLoader::load() {
  const asio::use_awaitable_t<Executor> use_awaitable;
  SteadyTimer<Executor> timer{executor_};
  auto pause = first_pause;
  while (!requested_.empty()) {
    const auto batch = next_batch();
    const auto generation = generation_;
    std::vector<postgres::MemberRow> rows;
    bool read = false;
    try {
      auto reading = source_(batch);
      rows = co_await std::move(reading);
      read = true;
    } catch (const std::exception& error) {
      spdlog::warn("memberships of {} users not read; retrying: {}", batch.size(), error.what());
    }
    if (generation != generation_) continue;  // users that still need it were requested again
    if (read) {
      pause = first_pause;
      apply(batch, rows);
      continue;
    }
    requested_.insert(requested_.end(), batch.begin(), batch.end());
    timer.expires_after(pause);
    pause = std::min(pause * 2, longest_pause);
    auto waiting = timer.async_wait(use_awaitable);
    co_await std::move(waiting);
  }
  loading_ = false;
}

std::vector<UserId> MembershipLoader::next_batch() {
  const auto count = std::min(requested_.size(), loaded_users_max);
  const auto end = requested_.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<UserId> batch{requested_.begin(), end};
  requested_.erase(requested_.begin(), end);
  return batch;
}

void MembershipLoader::apply(const std::vector<UserId>& batch,
                             const std::vector<postgres::MemberRow>& rows) {
  std::unordered_map<UserId, std::vector<ChatMembership>> chats;
  for (const auto& row : rows) {
    chats[row.user_id].push_back({row.chat_id, row.member_event_id, row.ended, row.large});
  }
  for (const auto id : batch) {
    auto* user = cache_.find(id);
    if (user && user->reading) cache_.finish_read(*user, std::move(chats[id]));
  }
  on_loaded_();
}

}  // namespace fechatter::notify
