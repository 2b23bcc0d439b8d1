#include "notify_server/presence/presence_reports.hpp"

#include <algorithm>

namespace fechatter::notify {
namespace {

constexpr std::chrono::seconds gather{1};
constexpr std::chrono::seconds batch_interval{1};

bool is_offline(const UserState& state) {
  return state.status == PresenceStatus::offline;
}

bool is_away(const UserState& state) {
  return state.status == PresenceStatus::away;
}

}  // namespace

bool PresenceReports::differs(const User& user) {
  return !user.reported || !user.state.looks_like(*user.reported);
}

void PresenceReports::update(PresenceUser id, const UserState& state, bool quiet) {
  if (changes_max_ == 0) return;
  const auto now = SteadyClock::now();
  auto found = users_.find(id.user_id);
  if (found == users_.end()) {
    if (is_offline(state)) return;
    const UserState offline{PresenceStatus::offline, now};
    found = users_.emplace(id.user_id, User{id.workspace_id, offline, offline}).first;
    found->second.reported_at = now - interval_;
  }
  auto& user = found->second;
  const bool differed = differs(user);
  user.state = state;
  if (quiet) user.reported = state;
  if (!differed && differs(user)) user.changed_at = now;
  plan(id.user_id, user);
}

// A user that is offline, and reported so, is forgotten when the next report could come.
void PresenceReports::plan(UserId id, User& user) {
  auto at = user.reported_at + interval_;
  if (differs(user)) {
    if (!is_offline(user.state)) at = std::max(at, user.changed_at + gather);
  } else if (!is_offline(user.state)) {
    at = {};
  }
  plan(id, user, at);
}

void PresenceReports::plan(UserId id, User& user, Time at) {
  if (user.look_at != Time{}) agenda_.erase({user.look_at, id});
  user.look_at = at;
  if (at != Time{}) agenda_.emplace(at, id);
}

std::vector<PresenceChange> PresenceReports::take_due() {
  const auto now = SteadyClock::now();
  std::vector<PresenceChange> changes;
  if (now - batch_at_ < batch_interval) return changes;
  while (!agenda_.empty() && agenda_.begin()->first <= now && changes.size() < changes_max_) {
    const auto id = agenda_.begin()->second;
    auto& user = users_.at(id);
    if (!differs(user)) {
      plan(id, user, {});
      users_.erase(id);
      continue;
    }
    const bool was_away = !user.reported || is_away(*user.reported);
    changes.push_back({{id, user.workspace_id}, user.state, was_away || is_away(user.state)});
    user.reported = user.state;
    user.reported_at = now;
    plan(id, user);
  }
  if (!changes.empty()) batch_at_ = now;
  return changes;
}

void PresenceReports::repeat(const PresenceChange& change) {
  const auto found = users_.find(change.user.user_id);
  if (found == users_.end()) return;
  auto& user = found->second;
  user.reported.reset();
  user.changed_at = SteadyClock::now();
  plan(change.user.user_id, user);
}

}  // namespace fechatter::notify
