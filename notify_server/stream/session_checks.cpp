#include "notify_server/stream/session_checks.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <unordered_map>

namespace fechatter::notify {
namespace {

constexpr std::size_t checked_sessions_max = 1000;
constexpr std::chrono::seconds pause{5};

}  // namespace

SessionChecks::SessionChecks(ConnectionTable& connections, Executor executor, SessionSource source,
                             std::chrono::seconds life)
    : connections_{connections},
      executor_{std::move(executor)},
      source_{std::move(source)},
      life_{life} {}

void SessionChecks::proceed(std::chrono::sys_seconds now) {
  if (running_ || now < not_before_) return;
  auto due = connections_.due_sessions(now, checked_sessions_max);
  if (due.empty()) return;
  running_ = true;
  asio::co_spawn(executor_, look_up(std::move(due), now), asio::detached);
}

awaitable<> SessionChecks::look_up(Sessions due, std::chrono::sys_seconds now) {
  try {
    auto reading = source_(due);
    const auto open = co_await std::move(reading);
    apply(due, open, now);
  } catch (const std::exception& error) {
    not_before_ = now + pause;
    spdlog::warn("{} sessions of streams not looked up; retrying: {}", due.size(), error.what());
  }
  running_ = false;
}

void SessionChecks::apply(const Sessions& due, const std::vector<postgres::OpenSession>& open,
                          std::chrono::sys_seconds now) {
  std::unordered_set<SessionId> over{due.begin(), due.end()};
  std::unordered_map<SessionId, std::chrono::sys_seconds> checked_until;
  for (const auto& session : open) {
    over.erase(session.id);
    checked_until[session.id] = std::min(now + life_, session.expires_at);
  }
  connections_.renew(checked_until);
  connections_.close_sessions(over);
}

}  // namespace fechatter::notify
