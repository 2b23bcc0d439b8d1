#pragma once

#include <chrono>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "notify_server/stream/stream_connection.hpp"

namespace fechatter::notify {

// The open connections of a shard, with what each tick looks at side by side in memory. Heartbeats
// are spread over slots, one slot for each tick. One thread.
class ConnectionTable {
 public:
  // `slots`: ticks from one heartbeat of a connection to its next, at least 1.
  explicit ConnectionTable(std::size_t slots) : slots_{slots} {}

  void add(const std::shared_ptr<StreamConnection>& connection, const StreamRequest& request);
  void remove(StreamConnection& connection);
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  // REQUIRES: the connection is in the table.
  SessionId session_of(const StreamConnection& connection) const {
    return entries_[connection.index].session;
  }

  // From the end, so that `action` may close its connection, whose index goes to the last one.
  template <class Action>
  void for_each(Action action) {
    for (auto i = entries_.size(); i-- > 0;) action(*entries_[i].connection);
  }
  // `action` must not close.
  template <class Action>
  void for_each_live(Action action) const {
    for (const auto& entry : entries_) {
      if (entry.connection->live()) action(*entry.connection);
    }
  }
  // The live connections whose heartbeat is due in that slot. `action` must not close.
  template <class Action>
  void for_each_due(std::size_t slot, Action action) const {
    for (const auto& entry : entries_) {
      if (entry.slot == slot && entry.connection->live()) action(*entry.connection);
    }
  }
  // Once for each tick; returns the slot whose heartbeats are due.
  std::size_t next_slot() { return ticks_++ % slots_; }

  // Those whose token has expired; of those that last as long as their session, the ones that were
  // due `patience` ago, so that their session could not be looked up.
  void close_expired(std::chrono::sys_seconds now, std::chrono::seconds patience);
  // The sessions of those that last as long: each when its token has expired, or what renew() has
  // set, and once for each connection. At most `count_max`.
  std::vector<SessionId> due_sessions(std::chrono::sys_seconds now, std::size_t count_max) const;
  // The connections of these sessions that last as long are due again then.
  void renew(const std::unordered_map<SessionId, std::chrono::sys_seconds>& sessions);
  void close_sessions(const std::unordered_set<SessionId>& sessions);
  // Closes the last `count` connections of the table.
  void drain_last(std::size_t count);

 private:
  struct Entry {
    std::shared_ptr<StreamConnection> connection;
    SessionId session;
    std::chrono::sys_seconds expires_at;  // or when the session is looked up
    std::size_t slot;
    bool lasts_as_session;
  };

  std::size_t choose_slot();

  const std::size_t slots_;
  std::vector<Entry> entries_;
  std::size_t ticks_ = 0;
  std::size_t opened_ = 0;
};

}  // namespace fechatter::notify
