#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "fechatter_core/clock.hpp"
#include "notify_server/presence/presence_message.hpp"
#include "notify_server/presence/user_state.hpp"

namespace fechatter::notify {

// What a user has said about being away; the later word counts.
struct Said {
  bool away = false;
  Timestamp at = {};  // by the clock of fechatter_server; {}: nothing said
};

// The users with a stream on this instance. A user that has said so, or has not been active in any
// session for `away_after`, is away. One thread, or a lock around it.
class LocalUsers {
 public:
  explicit LocalUsers(std::chrono::milliseconds away_after) : away_after_{away_after} {}

  // A stream of that session; opening one is an activity.
  void open(PresenceUser user, SessionId session);
  void close(PresenceUser user, SessionId session);
  // `platform`: empty when it is not said. False when the user has no stream here.
  bool note_activity(UserId user, SessionId session, const std::string& platform);
  // Of any user: a word is remembered for two minutes, for a stream that opens meanwhile, until it
  // can be read from the database.
  void note_said(UserId user, Said said);

  // Nothing: no stream here.
  std::optional<UserState> find(UserId user) const;
  std::size_t size() const { return users_.size(); }

  // The users whose words are to be read from the database, `max` at most: those that have come.
  std::vector<UserId> take_unread(std::size_t max);
  void read_again(const std::vector<UserId>& users);
  void read_all_again();

  // The users whose last activity has become too old since the last call.
  std::vector<PresenceUser> take_idle();

 private:
  using Time = SteadyClock::time_point;

  struct Session {
    SessionId id;
    std::size_t streams = 0;
    std::string platform = {};
    Time active_at = {};
  };
  struct User {
    WorkspaceId workspace_id;
    std::vector<Session> sessions;
    Time active_at;
    Said said;
  };
  struct Remembered {
    Said said;
    Time until;
  };

  static Session* find_session(User& user, SessionId session);
  void set_active(UserId id, User& user);
  void forget_old_words();

  const std::chrono::milliseconds away_after_;
  std::unordered_map<UserId, User> users_;
  std::set<std::pair<Time, UserId>> active_at_;  // of the users that are not known as idle yet
  std::unordered_map<UserId, Remembered> words_;
  std::deque<std::pair<Time, UserId>> words_end_;
  std::vector<UserId> unread_;
};

}  // namespace fechatter::notify
