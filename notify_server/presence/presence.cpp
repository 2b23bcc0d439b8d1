#include "notify_server/presence/presence.hpp"

#include <algorithm>
#include <utility>

namespace fechatter::notify {
namespace {

using Kind = PresenceMessage::Kind;

constexpr std::chrono::seconds gather_time{1};
constexpr std::chrono::seconds answer_pause{1};  // many newcomers get one digest
constexpr std::size_t changes_max = 500;         // told at once
constexpr std::size_t waiting_max = 10'000;      // changes; beyond, the oldest are not told

}  // namespace

Presence::Presence(std::uint64_t self, const PresenceSettings& settings)
    : self_{self}, settings_{settings} {}

void Presence::came(OnlineUser user) {
  enter(here_, user);
  untold_[user.user_id] = {user.workspace_id, true};
}

void Presence::left(OnlineUser user) {
  leave(here_, user.user_id);
  untold_[user.user_id] = {user.workspace_id, false};
}

void Presence::enter(Instance& instance, OnlineUser user) {
  const bool elsewhere = &instance != &here_;
  const auto known = instance.users.find(user.user_id);
  if (known != instance.users.end()) {
    known->second.digest = instance.digest;
    return;
  }
  if (elsewhere && remote_ >= settings_.remote_max) return;
  instance.users.emplace(user.user_id, Seat{user.workspace_id, instance.digest});
  if (elsewhere) ++remote_;
  if (++online_[user.workspace_id][user.user_id] > 1) return;
  const auto now = SteadyClock::now();
  const bool was_away = leaving_.erase(user.user_id) == 0;
  if (was_away && now >= news_from_) note({user, true, now});
}

void Presence::leave(Instance& instance, UserId user) {
  const auto seat = instance.users.find(user);
  if (seat == instance.users.end()) return;
  const OnlineUser who{user, seat->second.workspace_id};
  instance.users.erase(seat);
  if (&instance != &here_) --remote_;
  const auto workspace = online_.find(who.workspace_id);
  const auto places = workspace->second.find(user);
  if (--places->second > 0) return;
  workspace->second.erase(places);
  if (workspace->second.empty()) online_.erase(workspace);
  const auto now = SteadyClock::now();
  leaving_[user] = now;
  leaving_order_.push_back({who, now});
}

void Presence::remove(std::uint64_t other) {
  const auto found = others_.find(other);
  if (found == others_.end()) return;
  auto& instance = found->second;
  while (!instance.users.empty()) leave(instance, instance.users.begin()->first);
  others_.erase(found);
}

void Presence::connected() {
  const auto now = SteadyClock::now();
  for (auto& [id, instance] : others_) instance.heard_at = now;
  asking_ = true;
  digest_due_ = now;
  if (!std::exchange(connected_once_, true)) news_from_ = now + settings_.grace;
}

void Presence::hear(const PresenceMessage& message) {
  if (message.instance == self_) return;
  if (message.kind == Kind::gone) return remove(message.instance);
  const auto now = SteadyClock::now();
  if (message.kind == Kind::ask) {
    digest_due_ = std::min(digest_due_, std::max(now, digest_at_ + answer_pause));
  }
  if (!others_.contains(message.instance) && others_.size() >= settings_.instances_max) return;
  auto& instance = others_[message.instance];
  instance.heard_at = now;
  if (message.kind == Kind::digest) return hear_digest(instance, message);
  for (const auto& user : message.online) enter(instance, user);
  for (const auto& user : message.offline) leave(instance, user.user_id);
}

// Who is not in it has left, if all of it has come.
void Presence::hear_digest(Instance& instance, const PresenceMessage& message) {
  if (message.part == 0) {
    ++instance.digest;
    instance.next_part = 0;
  }
  for (const auto& user : message.online) enter(instance, user);
  if (instance.next_part != message.part) return instance.next_part.reset();
  if (++*instance.next_part < message.parts) return;
  instance.next_part.reset();
  std::vector<UserId> absent;
  for (const auto& [user, seat] : instance.users) {
    if (seat.digest != instance.digest) absent.push_back(user);
  }
  for (const auto user : absent) leave(instance, user);
}

void Presence::forget_silent() {
  const auto limit = SteadyClock::now() - settings_.digest * 5 / 2;
  std::vector<std::uint64_t> silent;
  for (const auto& [id, instance] : others_) {
    if (instance.heard_at < limit) silent.push_back(id);
  }
  for (const auto id : silent) remove(id);
}

std::vector<PresenceMessage> Presence::outgoing() {
  const auto now = SteadyClock::now();
  std::vector<PresenceMessage> messages;
  if (now >= digest_due_) {
    digest_at_ = now;
    digest_due_ = now + settings_.digest;
    untold_.clear();
    messages = digest();
  } else {
    messages = delta();
  }
  if (std::exchange(asking_, false)) messages.push_back({self_, Kind::ask});
  return messages;
}

std::vector<PresenceMessage> Presence::digest() const {
  std::vector<PresenceMessage> messages(1, {self_, Kind::digest});
  for (const auto& [user, seat] : here_.users) {
    if (messages.back().online.size() == PresenceMessage::users_max) {
      messages.push_back({self_, Kind::digest, messages.size()});
    }
    messages.back().online.push_back({user, seat.workspace_id});
  }
  for (auto& message : messages) message.parts = messages.size();
  return messages;
}

std::vector<PresenceMessage> Presence::delta() {
  std::vector<PresenceMessage> messages;
  std::size_t room = 0;
  for (const auto& [user, now] : untold_) {
    if (room == 0) {
      messages.push_back({self_, Kind::delta});
      room = PresenceMessage::users_max;
    }
    auto& message = messages.back();
    (now.online ? message.online : message.offline).push_back({user, now.workspace_id});
    --room;
  }
  untold_.clear();
  return messages;
}

PresenceMessage Presence::farewell() const {
  return {self_, Kind::gone};
}

std::vector<UserId> Presence::online_of(WorkspaceId workspace) const {
  std::vector<UserId> users;
  const auto found = online_.find(workspace);
  if (found == online_.end()) return users;
  users.reserve(found->second.size());
  for (const auto& [user, places] : found->second) users.push_back(user);
  return users;
}

std::vector<PresenceChange> Presence::changes() {
  end_grace();
  const auto now = SteadyClock::now();
  if (changes_.empty() || now - changes_at_ < gather_time) return {};
  changes_at_ = now;
  const auto count = static_cast<std::ptrdiff_t>(std::min(changes_.size(), changes_max));
  std::vector<PresenceChange> changes(changes_.begin(), changes_.begin() + count);
  changes_.erase(changes_.begin(), changes_.begin() + count);
  return changes;
}

void Presence::end_grace() {
  const auto limit = SteadyClock::now() - settings_.grace;
  while (!leaving_order_.empty()) {
    const auto [who, since] = leaving_order_.front();
    if (since > limit) return;
    leaving_order_.pop_front();
    const auto left = leaving_.find(who.user_id);
    if (left == leaving_.end() || left->second != since) continue;  // was back meanwhile
    leaving_.erase(left);
    note({who, false, since});
  }
}

void Presence::note(const PresenceChange& change) {
  if (changes_.size() == waiting_max) changes_.pop_front();
  changes_.push_back(change);
}

}  // namespace fechatter::notify
