#include "fechatter_core/http/session_registry.hpp"

#include <algorithm>
#include <utility>

#include "fechatter_core/http/session.hpp"

namespace fechatter::http {
namespace {

constexpr int refusals_max = 64;
// An eviction looks at all addresses, so it evicts several sessions where there are many.
constexpr std::size_t evictions_at_once = 16;
constexpr std::size_t addresses_tried = 8;
// Evicted sessions that are still at work, as a share of all: 1/8.
constexpr std::size_t evicted_share = 8;

}  // namespace

std::optional<Error> SessionRegistry::enter(const std::shared_ptr<Session>& session) {
  const auto& peer = session->peer_address();
  const bool proxy = router_.edge().proxies.contains(peer);
  auto address = proxy ? std::string{} : address_group(peer);
  Sessions evicted;  // released without the lock, which the end of a session takes
  auto refusal = enter(session, std::move(address), evicted);
  for (const auto& victim : evicted) victim->evict();
  return refusal;
}

std::optional<Error> SessionRegistry::enter(const std::shared_ptr<Session>& session,
                                            std::string address, Sessions& evicted) {
  const std::lock_guard lock{mutex_};
  if (draining_) return Error{ErrorCode::draining, "the server is shutting down"};
  if (auto refusal = find_refusal(address, evicted)) return refusal;
  groups_[address].members.emplace(session.get(), Member{session});
  sessions_.emplace(session.get(), std::move(address));
  return std::nullopt;
}

// REQUIRES, here and below: the lock.
std::optional<Error> SessionRegistry::find_refusal(const std::string& address, Sessions& evicted) {
  const auto group = groups_.find(address);
  const bool address_is_full = !address.empty() && group != groups_.end() &&
                               group->second.staying() >= limits_.connections_per_address_max;
  if (address_is_full && evict_from(group->second, 1, evicted) == 0) {
    return Error{ErrorCode::rate_limited, "too many connections from this address"};
  }
  const bool full = sessions_.size() - evicted_ >= limits_.connections_max;
  if (full && !make_room(address, evicted)) {
    return Error{ErrorCode::overloaded, "too many connections"};
  }
  return std::nullopt;
}

// The addresses with most connections first. The newcomer's own may have fewer waiting sessions
// than another one, but a client with many busy connections does not displace those of others.
bool SessionRegistry::make_room(const std::string& newcomer, Sessions& evicted) {
  const auto found = groups_.find(newcomer);
  const Group* own = found == groups_.end() ? nullptr : &found->second;
  const std::size_t own_count = own && !newcomer.empty() ? own->staying() : 0;
  std::vector<Group*> crowded;
  for (auto& [address, group] : groups_) {
    const bool may_be_displaced = !address.empty() && group.staying() > own_count;
    if (may_be_displaced || &group == own) crowded.push_back(&group);
  }
  const auto tried = std::min(crowded.size(), addresses_tried);
  const auto end = crowded.begin() + static_cast<std::ptrdiff_t>(tried);
  std::partial_sort(crowded.begin(), end, crowded.end(),
                    [](const Group* a, const Group* b) { return a->staying() > b->staying(); });
  const auto count = std::clamp<std::size_t>(limits_.connections_max / 64, 1, evictions_at_once);
  return std::any_of(crowded.begin(), end,
                     [&](Group* group) { return evict_from(*group, count, evicted) > 0; });
}

// The longest waiting sessions of the group, `count` at most.
std::size_t SessionRegistry::evict_from(Group& group, std::size_t count, Sessions& evicted) {
  if (evicted_ >= std::max(evictions_at_once, limits_.connections_max / evicted_share)) return 0;
  std::vector<std::pair<std::chrono::steady_clock::time_point, Member*>> waiting;
  for (auto& [session, member] : group.members) {
    // A session that is being destroyed waits in leave() for the lock: it can still be read.
    const auto since = member.evicted ? std::nullopt : session->waiting_since();
    if (since) waiting.emplace_back(*since, &member);
  }
  count = std::min(count, waiting.size());
  std::partial_sort(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(count),
                    waiting.end());
  for (std::size_t i = 0; i < count; ++i) {
    auto& member = *waiting[i].second;
    member.evicted = true;
    ++group.evicted;
    ++evicted_;
    if (auto session = member.session.lock()) evicted.push_back(std::move(session));
  }
  return count;
}

void SessionRegistry::leave(const Session* session) {
  const std::lock_guard lock{mutex_};
  const auto entry = sessions_.find(session);
  if (entry == sessions_.end()) return;
  const auto group = groups_.find(entry->second);
  const auto member = group->second.members.find(session);
  if (member->second.evicted) {
    --group->second.evicted;
    --evicted_;
  }
  group->second.members.erase(member);
  if (group->second.members.empty()) groups_.erase(group);
  sessions_.erase(entry);
  if (sessions_.empty()) left_.notify_all();
}

std::size_t SessionRegistry::count() const {
  const std::lock_guard lock{mutex_};
  return sessions_.size();
}

std::vector<std::shared_ptr<Session>> SessionRegistry::open_sessions() const {
  Sessions open;
  const std::lock_guard lock{mutex_};
  open.reserve(sessions_.size());  // a reallocation could destroy a session, which takes the lock
  for (const auto& [_, group] : groups_) {
    for (const auto& [_session, member] : group.members) {
      if (auto session = member.session.lock()) open.push_back(std::move(session));
    }
  }
  return open;
}

void SessionRegistry::begin_draining() {
  const std::lock_guard lock{mutex_};
  draining_ = true;
}

void SessionRegistry::wait_until_empty(std::chrono::steady_clock::time_point deadline) const {
  std::unique_lock lock{mutex_};
  left_.wait_until(lock, deadline, [&] { return sessions_.empty(); });
}

bool SessionRegistry::begin_refusal() {
  if (++refusals_ <= refusals_max) return true;
  --refusals_;
  return false;
}

}  // namespace fechatter::http
