#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "fechatter_core/steady_clock.hpp"
#include "notify_server/presence/presence_message.hpp"

namespace fechatter::notify {

struct PresenceSettings {
  // Everybody is told again so often; who is not heard of for two and a half times that is gone.
  std::chrono::milliseconds digest{30'000};
  // Whoever comes back within this time was not away.
  std::chrono::milliseconds grace{10'000};
  std::size_t instances_max = 256;
  std::size_t remote_max = 1'000'000;  // users of other instances, counted once for each
};

// What people are to hear of somebody.
struct PresenceChange {
  OnlineUser who;
  bool online = false;
  SteadyClock::time_point since;

  friend bool operator==(const PresenceChange&, const PresenceChange&) = default;
};

// Who has a stream on which instance: this one's own as it happens, the others' as they tell. Every
// instance sees the same and tells its own listeners, so nobody needs to be in charge. Bounded:
// beyond, others' people are left out, and changes are not told. One thread, or a lock around it.
class Presence {
 public:
  using Time = SteadyClock::time_point;

  Presence(std::uint64_t self, const PresenceSettings& settings);

  // Somebody's first stream here has opened, the last one has closed.
  void came(OnlineUser user);
  void left(OnlineUser user);

  // The others are heard again: they are asked, and silence counts from now on.
  void connected();
  void hear(const PresenceMessage& message);
  // Forgets those that are silent. REQUIRES: the others can be heard.
  void forget_silent();
  // What the others are to be told now.
  std::vector<PresenceMessage> outgoing();
  PresenceMessage farewell() const;

  // On any instance.
  std::vector<UserId> online_of(WorkspaceId workspace) const;
  // What has changed since the last time, gathered for a second. Whoever is there when this
  // instance comes to know the others, and shortly after, has not come just now: that is no news.
  std::vector<PresenceChange> changes();

 private:
  struct Seat {
    WorkspaceId workspace_id;
    std::uint64_t digest = 0;  // the last one that named the user
  };
  struct Instance {
    Time heard_at;
    std::uint64_t digest = 0;                   // numbers its digests
    std::optional<std::size_t> next_part = {};  // nothing: some of it has not come
    std::unordered_map<UserId, Seat> users = {};
  };

  struct Untold {
    WorkspaceId workspace_id;
    bool online = false;
  };
  struct Leaving {
    OnlineUser who;
    Time since;
  };

  void enter(Instance& instance, OnlineUser user);
  void leave(Instance& instance, UserId user);
  void remove(std::uint64_t other);
  void hear_digest(Instance& instance, const PresenceMessage& message);
  std::vector<PresenceMessage> digest() const;
  std::vector<PresenceMessage> delta();
  void end_grace();
  void note(const PresenceChange& change);

  const std::uint64_t self_;
  const PresenceSettings settings_;
  const Time began_ = SteadyClock::now();

  Instance here_;
  std::unordered_map<std::uint64_t, Instance> others_;
  std::size_t remote_ = 0;  // users of others_
  // On how many instances somebody is.
  std::unordered_map<WorkspaceId, std::unordered_map<UserId, std::size_t>> online_;

  std::unordered_map<UserId, Untold> untold_;  // to the others
  bool asking_ = false;
  Time digest_at_ = began_;  // the last
  Time digest_due_ = began_;

  bool connected_once_ = false;
  Time news_from_ = began_ + settings_.grace;
  std::unordered_map<UserId, Time> leaving_;  // within the grace
  std::deque<Leaving> leaving_order_;         // of whom some have come back since
  std::deque<PresenceChange> changes_;
  Time changes_at_ = began_;
};

}  // namespace fechatter::notify
