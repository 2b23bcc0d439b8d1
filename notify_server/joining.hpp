#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <functional>
#include <string_view>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/postgres/membership_reads.hpp"
#include "notify_server/connection.hpp"
#include "notify_server/event_log.hpp"

namespace fechatter::notify {

// Reads the chats of these users. Throws when it cannot; it is asked again.
using MembershipSource =
    std::function<awaitable<std::vector<postgres::MemberRow>>(std::vector<UserId>)>;

// Brings connections from their cursor to live, without a gap: the chats of their user, the events
// since the cursor, one CaughtUp. The shard's ring is the queue of those who are on the way. Users
// who wait for the database together are read in one statement, one statement at a time. Shard's
// thread.
class Joining {
 public:
  Joining(Shard& shard, Executor executor, MembershipSource source);

  void begin(Connection& connection);
  // The log is known now. True when somebody could not wait for that, and was let in without it.
  bool log_is_filled();
  // What is being read has been read too early, and is read again.
  void discard_reads() { ++generation_; }
  // The log has moved on, or time has.
  void retry_waiting();
  // Goes on with what waited for the socket.
  void drained(Connection& connection);
  void forget(Connection& connection);

  bool filled() const { return filled_; }

 private:
  struct Way {
    enum class Kind { wait, replay, reset, cut };
    Kind kind;
    std::string_view reason = {};  // of a reset
  };
  using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                           asio::wait_traits<std::chrono::steady_clock>, Executor>;

  void proceed(Connection& connection);
  bool may_wait(const Join& join) const;
  Way choose(const Connection& connection) const;
  void wait(Connection& connection);
  void replay(Connection& connection);
  void go_live(Connection& connection);

  void ask_for(User& user);
  awaitable<> load();
  std::vector<UserId> take_batch();
  void finish(const std::vector<UserId>& batch, std::vector<postgres::MemberRow> rows);

  Shard& shard_;
  const Executor executor_;
  const MembershipSource source_;
  bool filled_ = false;
  bool let_in_early_ = false;
  bool loading_ = false;
  std::uint64_t generation_ = 0;  // of the reads that count
  std::vector<UserId> to_load_;
  std::vector<Connection*> waiting_;
};

}  // namespace fechatter::notify
