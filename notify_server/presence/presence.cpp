#include "notify_server/presence/presence.hpp"

#include <algorithm>
#include <utility>

namespace fechatter::notify {
namespace {

using Kind = PresenceMessage::Kind;

constexpr std::chrono::seconds batch_interval{1};
constexpr std::chrono::seconds answer_pause{1};  // several requests get one digest
constexpr std::size_t batch_max = 500;           // changes
constexpr std::size_t changes_max = 10'000;      // waiting; beyond, the oldest are dropped

}  // namespace

Presence::Presence(std::uint64_t self, const PresenceSettings& settings)
    : self_{self}, settings_{settings} {}

void Presence::add_local(PresenceUser user) {
  add(here_, user);
  unsent_[user.user_id] = {user.workspace_id, PresenceStatus::online};
}

void Presence::remove_local(PresenceUser user) {
  remove(here_, user.user_id);
  unsent_[user.user_id] = {user.workspace_id, PresenceStatus::offline};
}

void Presence::add(Instance& instance, PresenceUser user) {
  const bool elsewhere = &instance != &here_;
  const auto known = instance.users.find(user.user_id);
  if (known != instance.users.end()) {
    known->second.digest = instance.digest;
    return;
  }
  if (elsewhere && remote_ >= settings_.remote_max) return;
  instance.users.emplace(user.user_id, Entry{user.workspace_id, instance.digest});
  if (elsewhere) ++remote_;
  if (++online_[user.workspace_id][user.user_id] > 1) return;
  const auto now = SteadyClock::now();
  const bool was_offline = offline_since_.erase(user.user_id) == 0;
  if (was_offline && now >= report_from_) report({user, PresenceStatus::online, now});
}

void Presence::remove(Instance& instance, UserId id) {
  const auto entry = instance.users.find(id);
  if (entry == instance.users.end()) return;
  const PresenceUser user{id, entry->second.workspace_id};
  instance.users.erase(entry);
  if (&instance != &here_) --remote_;
  const auto workspace = online_.find(user.workspace_id);
  const auto instances = workspace->second.find(id);
  if (--instances->second > 0) return;
  workspace->second.erase(instances);
  if (workspace->second.empty()) online_.erase(workspace);
  const auto now = SteadyClock::now();
  offline_since_[id] = now;
  pending_offline_.push_back({user, now});
}

void Presence::evict(std::uint64_t other) {
  const auto found = others_.find(other);
  if (found == others_.end()) return;
  auto& instance = found->second;
  while (!instance.users.empty()) remove(instance, instance.users.begin()->first);
  others_.erase(found);
}

void Presence::on_connected() {
  const auto now = SteadyClock::now();
  for (auto& [id, instance] : others_) instance.received_at = now;
  request_due_ = true;
  digest_due_ = now;
  if (!std::exchange(connected_once_, true)) report_from_ = now + settings_.grace;
}

void Presence::receive(const PresenceMessage& message) {
  if (message.instance == self_) return;
  if (message.kind == Kind::gone) return evict(message.instance);
  const auto now = SteadyClock::now();
  if (message.kind == Kind::request) {
    digest_due_ = std::min(digest_due_, std::max(now, digest_at_ + answer_pause));
  }
  if (!others_.contains(message.instance) && others_.size() >= settings_.instances_max) return;
  auto& instance = others_[message.instance];
  instance.received_at = now;
  if (message.kind == Kind::digest) return receive_digest(instance, message);
  if (message.kind != Kind::delta) return;
  for (const auto& [user, status] : message.users) {
    if (status == PresenceStatus::offline) {
      remove(instance, user.user_id);
    } else {
      add(instance, user);
    }
  }
}

// A user whom a complete digest does not name is offline there.
void Presence::receive_digest(Instance& instance, const PresenceMessage& message) {
  if (message.part == 0) {
    ++instance.digest;
    instance.next_part = 0;
  }
  for (const auto& [user, status] : message.users) {
    if (status != PresenceStatus::offline) add(instance, user);
  }
  if (instance.next_part != message.part) return instance.next_part.reset();
  if (++*instance.next_part < message.parts) return;
  instance.next_part.reset();
  std::vector<UserId> absent;
  for (const auto& [user, entry] : instance.users) {
    if (entry.digest != instance.digest) absent.push_back(user);
  }
  for (const auto user : absent) remove(instance, user);
}

void Presence::evict_silent() {
  const auto limit = SteadyClock::now() - settings_.digest * 5 / 2;
  std::vector<std::uint64_t> silent;
  for (const auto& [id, instance] : others_) {
    if (instance.received_at < limit) silent.push_back(id);
  }
  for (const auto id : silent) evict(id);
}

std::vector<PresenceMessage> Presence::outgoing() {
  const auto now = SteadyClock::now();
  std::vector<PresenceMessage> messages;
  if (now >= digest_due_) {
    digest_at_ = now;
    digest_due_ = now + settings_.digest;
    unsent_.clear();
    messages = digest();
  } else {
    messages = delta();
  }
  if (std::exchange(request_due_, false)) messages.push_back({self_, Kind::request});
  return messages;
}

std::vector<PresenceMessage> Presence::digest() const {
  std::vector<PresenceMessage> messages(1, {self_, Kind::digest});
  for (const auto& [user, entry] : here_.users) {
    if (messages.back().users.size() == PresenceMessage::users_max) {
      messages.push_back({self_, Kind::digest, messages.size()});
    }
    messages.back().users.push_back({{user, entry.workspace_id}, PresenceStatus::online});
  }
  for (auto& message : messages) message.parts = messages.size();
  return messages;
}

std::vector<PresenceMessage> Presence::delta() {
  std::vector<PresenceMessage> messages;
  for (const auto& [user, change] : unsent_) {
    if (messages.empty() || messages.back().users.size() == PresenceMessage::users_max) {
      messages.push_back({self_, Kind::delta});
    }
    messages.back().users.push_back({{user, change.workspace_id}, change.status});
  }
  unsent_.clear();
  return messages;
}

PresenceMessage Presence::gone() const {
  return {self_, Kind::gone};
}

std::vector<UserId> Presence::online_of(WorkspaceId workspace) const {
  std::vector<UserId> users;
  const auto found = online_.find(workspace);
  if (found == online_.end()) return users;
  users.reserve(found->second.size());
  for (const auto& [user, instances] : found->second) users.push_back(user);
  return users;
}

std::vector<PresenceChange> Presence::changes() {
  end_grace();
  const auto now = SteadyClock::now();
  if (changes_.empty() || now - changes_at_ < batch_interval) return {};
  changes_at_ = now;
  const auto count = static_cast<std::ptrdiff_t>(std::min(changes_.size(), batch_max));
  std::vector<PresenceChange> changes(changes_.begin(), changes_.begin() + count);
  changes_.erase(changes_.begin(), changes_.begin() + count);
  return changes;
}

void Presence::end_grace() {
  const auto limit = SteadyClock::now() - settings_.grace;
  while (!pending_offline_.empty()) {
    const auto [user, since] = pending_offline_.front();
    if (since > limit) return;
    pending_offline_.pop_front();
    const auto offline = offline_since_.find(user.user_id);
    if (offline == offline_since_.end() || offline->second != since) continue;  // online again
    offline_since_.erase(offline);
    report({user, PresenceStatus::offline, since});
  }
}

void Presence::report(const PresenceChange& change) {
  if (changes_.size() == changes_max) changes_.pop_front();
  changes_.push_back(change);
}

}  // namespace fechatter::notify
