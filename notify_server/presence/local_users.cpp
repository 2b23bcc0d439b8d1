#include "notify_server/presence/local_users.hpp"

#include <algorithm>

namespace fechatter::notify {
namespace {

// Longer than fechatter_server takes to store a word.
constexpr std::chrono::minutes remembered_for{2};
constexpr std::size_t words_max = 10'000;

}  // namespace

void LocalUsers::open(PresenceUser user, SessionId session) {
  const auto [entry, fresh] = users_.try_emplace(user.user_id);
  auto& known = entry->second;
  known.workspace_id = user.workspace_id;
  if (fresh) {
    unread_.push_back(user.user_id);
    forget_old_words();
    const auto word = words_.find(user.user_id);
    if (word != words_.end()) known.said = word->second.said;
  }
  auto* found = find_session(known, session);
  if (!found) found = &known.sessions.emplace_back(Session{session});
  ++found->streams;
  found->active_at = SteadyClock::now();
  set_active(user.user_id, known);
}

void LocalUsers::close(PresenceUser user, SessionId session) {
  const auto entry = users_.find(user.user_id);
  if (entry == users_.end()) return;
  auto& known = entry->second;
  auto* found = find_session(known, session);
  if (!found || --found->streams > 0) return;
  known.sessions.erase(known.sessions.begin() + (found - known.sessions.data()));
  if (!known.sessions.empty()) return;
  active_at_.erase({known.active_at, user.user_id});
  users_.erase(entry);
}

bool LocalUsers::note_activity(UserId user, SessionId session, const std::string& platform) {
  const auto entry = users_.find(user);
  if (entry == users_.end()) return false;
  set_active(user, entry->second);
  if (auto* found = find_session(entry->second, session)) {
    found->active_at = entry->second.active_at;
    if (!platform.empty()) found->platform = platform;
  }
  return true;
}

void LocalUsers::note_said(UserId user, Said said) {
  const auto entry = users_.find(user);
  if (entry != users_.end()) {
    if (said.at > entry->second.said.at) entry->second.said = said;
    return;
  }
  forget_old_words();
  if (words_.size() >= words_max) return;
  const auto until = SteadyClock::now() + remembered_for;
  auto& word = words_[user];
  if (said.at > word.said.at) word.said = said;
  word.until = until;
  words_end_.emplace_back(until, user);
}

// A word that was said again since has a later end, and a second entry.
void LocalUsers::forget_old_words() {
  const auto now = SteadyClock::now();
  const auto too_many = [this] { return words_end_.size() > 2 * words_max; };
  while (!words_end_.empty() && (words_end_.front().first <= now || too_many())) {
    const auto [until, user] = words_end_.front();
    words_end_.pop_front();
    const auto word = words_.find(user);
    if (word != words_.end() && word->second.until == until) words_.erase(word);
  }
}

std::optional<UserState> LocalUsers::find(UserId id) const {
  const auto entry = users_.find(id);
  if (entry == users_.end()) return std::nullopt;
  const auto& user = entry->second;
  const bool idle = SteadyClock::now() - user.active_at >= away_after_;
  UserState state{user.said.away || idle ? PresenceStatus::away : PresenceStatus::online,
                  user.active_at};
  for (const auto& session : user.sessions) {
    if (session.platform.empty() || session.active_at < state.platform_since) continue;
    state.platform = session.platform;
    state.platform_since = session.active_at;
  }
  return state;
}

std::vector<UserId> LocalUsers::take_unread(std::size_t max) {
  std::vector<UserId> users;
  while (!unread_.empty() && users.size() < max) {
    if (users_.contains(unread_.back())) users.push_back(unread_.back());
    unread_.pop_back();
  }
  return users;
}

void LocalUsers::read_again(const std::vector<UserId>& users) {
  unread_.insert(unread_.end(), users.begin(), users.end());
}

void LocalUsers::read_all_again() {
  unread_.clear();
  for (const auto& [id, user] : users_) unread_.push_back(id);
}

std::vector<PresenceUser> LocalUsers::take_idle() {
  const auto limit = SteadyClock::now() - away_after_;
  std::vector<PresenceUser> idle;
  while (!active_at_.empty() && active_at_.begin()->first <= limit) {
    const auto id = active_at_.begin()->second;
    active_at_.erase(active_at_.begin());
    idle.push_back({id, users_.at(id).workspace_id});
  }
  return idle;
}

LocalUsers::Session* LocalUsers::find_session(User& user, SessionId session) {
  const auto found = std::ranges::find(user.sessions, session, &Session::id);
  return found == user.sessions.end() ? nullptr : &*found;
}

void LocalUsers::set_active(UserId id, User& user) {
  active_at_.erase({user.active_at, id});
  user.active_at = SteadyClock::now();
  active_at_.emplace(user.active_at, id);
}

}  // namespace fechatter::notify
