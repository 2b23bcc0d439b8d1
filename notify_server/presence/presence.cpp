#include "notify_server/presence/presence.hpp"

#include <algorithm>
#include <utility>

namespace fechatter::notify {
namespace {

using Kind = PresenceMessage::Kind;
using Time = Presence::Time;

constexpr std::chrono::seconds answer_pause{1};  // several requests get one digest
// An instance answers at once, one of the former release on its next turn, within 200 ms.
constexpr std::chrono::milliseconds answer_time{250};

// Of two instances: the most present status, the latest activity, the platform that was active
// last.
void merge(UserState& all, const UserState& one) {
  all.status = std::min(all.status, one.status);
  all.since = std::max(all.since, one.since);
  if (one.platform.empty() || one.platform_since < all.platform_since) return;
  all.platform = one.platform;
  all.platform_since = one.platform_since;
}

std::chrono::seconds idle_for(Time now, Time since) {
  constexpr std::chrono::days longest{365};
  const auto idle = std::chrono::duration_cast<std::chrono::seconds>(now - since);
  return std::clamp<std::chrono::seconds>(idle, std::chrono::seconds{0}, longest);
}

}  // namespace

Presence::Presence(std::uint64_t self, const PresenceSettings& settings)
    : self_{self}, settings_{settings} {}

void Presence::open(PresenceUser user, SessionId session) {
  local_.open(user, session);
  refresh(user);
}

void Presence::close(PresenceUser user, SessionId session) {
  local_.close(user, session);
  refresh(user);
}

bool Presence::note_activity(PresenceUser user, SessionId session, const std::string& platform) {
  if (!local_.note_activity(user.user_id, session, platform)) return false;
  refresh(user);
  return true;
}

void Presence::note_said(PresenceUser user, Said said) {
  local_.note_said(user.user_id, said);
  refresh(user);
}

// The workspace counts for a user that has just come; that of the others is known.
void Presence::refresh(PresenceUser user) {
  const auto known = here_.users.find(user.user_id);
  if (known != here_.users.end()) user.workspace_id = known->second.workspace_id;
  const auto state = local_.find(user.user_id);
  if (state) {
    if (set(here_, user, *state)) unsent_[user.user_id] = user.workspace_id;
  } else if (known != here_.users.end()) {
    remove(here_, user.user_id, SteadyClock::now());
    unsent_[user.user_id] = user.workspace_id;
  }
}

void Presence::set(Instance& instance, const PresenceMessage::Entry& entry) {
  const auto now = SteadyClock::now();
  set(instance, entry.user,
      {entry.status, now - entry.idle, entry.platform, now - entry.platform_idle});
}

bool Presence::set(Instance& instance, PresenceUser user, const UserState& state) {
  const bool elsewhere = &instance != &here_;
  auto known = instance.users.find(user.user_id);
  const bool fresh = known == instance.users.end();
  if (fresh) {
    if (elsewhere && remote_ >= settings_.remote_max) return false;
    if (elsewhere) ++remote_;
    known = instance.users.emplace(user.user_id, Entry{user.workspace_id, {}}).first;
  }
  const bool changed = fresh || !state.looks_like(known->second.state);
  known->second.state = state;
  known->second.digest = instance.digest;
  if (changed) show({user.user_id, known->second.workspace_id}, merged(user.user_id));
  return changed;
}

void Presence::remove(Instance& instance, UserId id, Time since) {
  const auto entry = instance.users.find(id);
  if (entry == instance.users.end()) return;
  const PresenceUser user{id, entry->second.workspace_id};
  const auto before = merged(id);
  instance.users.erase(entry);
  if (&instance != &here_) --remote_;
  const auto state = merged(id);
  if (state.status == PresenceStatus::offline) return leave(user, before, since);
  show(user, state);
}

void Presence::show(PresenceUser user, const UserState& state) {
  if (const auto found = leaving_.find(user.user_id); found != leaving_.end()) {
    leaving_since_.erase({found->second.since, user.user_id});
    leaving_.erase(found);
  }
  present_[user.workspace_id].insert(user.user_id);
  reports_.update(user, state, !reporting_);
}

// A client that asks within the grace sees what the others see: a return is a change to none.
void Presence::leave(PresenceUser user, const UserState& shown, Time since) {
  leaving_.emplace(user.user_id, Leaving{user.workspace_id, shown, since});
  leaving_since_.emplace(since, user.user_id);
  end_graces();
}

void Presence::end_graces() {
  const auto limit = SteadyClock::now() - settings_.grace;
  while (!leaving_since_.empty() && leaving_since_.begin()->first <= limit) {
    const auto [since, id] = *leaving_since_.begin();
    leaving_since_.erase(leaving_since_.begin());
    const PresenceUser user{id, leaving_.extract(id).mapped().workspace_id};
    const auto workspace = present_.find(user.workspace_id);
    workspace->second.erase(id);
    if (workspace->second.empty()) present_.erase(workspace);
    reports_.update(user, {PresenceStatus::offline, since}, !reporting_);
  }
}

UserState Presence::merged(UserId user) const {
  UserState state;
  const auto add = [&](const Instance& instance) {
    const auto entry = instance.users.find(user);
    if (entry != instance.users.end()) merge(state, entry->second.state);
  };
  add(here_);
  for (const auto& [id, instance] : others_) add(instance);
  return state;
}

UserState Presence::state_of(UserId user) const {
  const auto found = leaving_.find(user);
  return found == leaving_.end() ? merged(user) : found->second.shown;
}

void Presence::evict(std::uint64_t other, Time since) {
  const auto found = others_.find(other);
  if (found == others_.end()) return;
  auto& instance = found->second;
  while (!instance.users.empty()) remove(instance, instance.users.begin()->first, since);
  others_.erase(found);
}

void Presence::on_connected() {
  const auto now = SteadyClock::now();
  for (auto& [id, instance] : others_) instance.received_at = now;
  request_due_ = true;
  digest_due_ = now;
  local_.read_all_again();
}

void Presence::receive(const PresenceMessage& message) {
  if (message.instance == self_) return;
  const auto now = SteadyClock::now();
  if (message.kind == Kind::gone) return evict(message.instance, now);
  if (message.kind == Kind::request) answer_due_ = true;
  if (!others_.contains(message.instance) && others_.size() >= settings_.instances_max) return;
  auto& instance = others_[message.instance];
  instance.received_at = now;
  if (message.kind == Kind::digest) return receive_digest(instance, message);
  if (message.kind != Kind::delta) return;
  for (const auto& entry : message.users) {
    if (entry.status == PresenceStatus::offline) {
      remove(instance, entry.user.user_id, now);
    } else {
      set(instance, entry);
    }
  }
}

// A user whom a complete digest does not name is offline there.
void Presence::receive_digest(Instance& instance, const PresenceMessage& message) {
  if (message.part == 0) {
    ++instance.digest;
    instance.next_part = 0;
  }
  for (const auto& entry : message.users) {
    if (entry.status != PresenceStatus::offline) set(instance, entry);
  }
  if (instance.next_part != message.part) return instance.next_part.reset();
  if (++*instance.next_part < message.parts) return;
  instance.next_part.reset();
  instance.complete = true;
  std::vector<UserId> absent;
  for (const auto& [user, entry] : instance.users) {
    if (entry.digest != instance.digest) absent.push_back(user);
  }
  for (const auto user : absent) remove(instance, user, SteadyClock::now());
}

// Its users had more time to come back than the grace: they are offline since its last message.
void Presence::evict_silent() {
  const auto limit = SteadyClock::now() - settings_.digest * 5 / 2;
  std::vector<std::pair<std::uint64_t, Time>> silent;
  for (const auto& [id, instance] : others_) {
    if (instance.received_at < limit) silent.emplace_back(id, instance.received_at);
  }
  for (const auto& [id, received_at] : silent) evict(id, received_at);
}

std::vector<PresenceMessage> Presence::outgoing() {
  end_graces();
  for (const auto user : local_.take_idle()) refresh(user);
  const auto now = SteadyClock::now();
  std::vector<PresenceMessage> messages;
  const bool answer = answer_due_ && now - answered_at_ >= answer_pause;
  if (answer || now >= digest_due_) {
    if (std::exchange(answer_due_, false)) answered_at_ = now;
    digest_due_ = now + settings_.digest;
    unsent_.clear();
    messages = digest();
  } else {
    messages = delta();
  }
  if (std::exchange(request_due_, false)) {
    messages.push_back({self_, Kind::request});
    if (!requested_at_) requested_at_ = now;
  }
  return messages;
}

bool Presence::informed() const {
  if (!requested_at_ || SteadyClock::now() - *requested_at_ < answer_time) return false;
  return std::ranges::all_of(others_, [](const auto& other) { return other.second.complete; });
}

PresenceMessage::Entry Presence::entry_of(PresenceUser user) const {
  const auto now = SteadyClock::now();
  const auto state = local_.find(user.user_id);
  if (!state) return {user, PresenceStatus::offline};
  PresenceMessage::Entry entry{user, state->status, idle_for(now, state->since), state->platform};
  if (!state->platform.empty()) entry.platform_idle = idle_for(now, state->platform_since);
  return entry;
}

std::vector<PresenceMessage> Presence::digest() const {
  std::vector<PresenceMessage> messages(1, {self_, Kind::digest});
  for (const auto& [user, entry] : here_.users) {
    if (messages.back().users.size() == PresenceMessage::users_max) {
      messages.push_back({self_, Kind::digest, messages.size()});
    }
    messages.back().users.push_back(entry_of({user, entry.workspace_id}));
  }
  for (auto& message : messages) message.parts = messages.size();
  return messages;
}

std::vector<PresenceMessage> Presence::delta() {
  std::vector<PresenceMessage> messages;
  for (const auto& [user, workspace] : unsent_) {
    if (messages.empty() || messages.back().users.size() == PresenceMessage::users_max) {
      messages.push_back({self_, Kind::delta});
    }
    messages.back().users.push_back(entry_of({user, workspace}));
  }
  unsent_.clear();
  return messages;
}

PresenceMessage Presence::gone() const {
  return {self_, Kind::gone};
}

std::vector<UserId> Presence::present_in(WorkspaceId workspace) const {
  const auto found = present_.find(workspace);
  if (found == present_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::vector<PresenceChange> Presence::take_changes() {
  end_graces();
  return reports_.take_due();
}

}  // namespace fechatter::notify
