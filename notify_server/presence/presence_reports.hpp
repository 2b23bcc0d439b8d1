#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "notify_server/presence/presence_message.hpp"
#include "notify_server/presence/user_state.hpp"

namespace fechatter::notify {

// A change that clients see.
struct PresenceChange {
  PresenceUser user;
  UserState state;
  bool of_away = false;  // the user is away, or was until now: its own sessions see it, too
};

// Decides when a change of a user's presence is reported to clients: a second after it, so that
// what follows at once goes with it, but offline at once; at most one for each user in `interval`;
// nothing when the user is again as reported before; at most `changes_max` in a second. One thread,
// or a lock around it. It knows the users that are online, or were a moment ago; with a
// `changes_max` of 0, none.
class PresenceReports {
 public:
  PresenceReports(std::chrono::milliseconds interval, std::size_t changes_max)
      : interval_{interval}, changes_max_{changes_max} {}

  // The present state of the user. `quiet`: it is no change to clients.
  void update(PresenceUser user, const UserState& state, bool quiet);
  // The changes that are due, as one batch; none for a second after a batch.
  std::vector<PresenceChange> take_due();
  // A change that was taken did not reach the clients: the user's state is due again.
  void repeat(const PresenceChange& change);

 private:
  using Time = SteadyClock::time_point;

  struct User {
    WorkspaceId workspace_id;
    UserState state;
    std::optional<UserState> reported;  // nothing: to be reported in any case
    Time changed_at = {};               // since then the two differ
    Time reported_at = {};
    Time look_at = {};  // in agenda_; {}: not there
  };

  static bool differs(const User& user);
  void plan(UserId id, User& user);
  void plan(UserId id, User& user, Time at);

  const std::chrono::milliseconds interval_;
  const std::size_t changes_max_;
  std::unordered_map<UserId, User> users_;
  std::set<std::pair<Time, UserId>> agenda_;  // when to look at a user again
  Time batch_at_ = {};
};

}  // namespace fechatter::notify
