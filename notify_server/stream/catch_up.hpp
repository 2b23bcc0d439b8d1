#pragma once

#include <deque>
#include <functional>
#include <string_view>
#include <vector>

#include "fechatter_core/postgres/membership_reads.hpp"
#include "fechatter_core/steady_timer.hpp"
#include "notify_server/log/event_ring.hpp"
#include "notify_server/log/replay_slice.hpp"
#include "notify_server/stream/stream_connection.hpp"

namespace fechatter::notify {

// Reads the chats of these users. Throws when it cannot; it is asked again.
using MembershipSource =
    std::function<awaitable<std::vector<postgres::MemberRow>>(std::vector<UserId>)>;

struct Sources {
  MembershipSource memberships;
  ReplaySource replay;
};

// Brings connections from their cursor to live, without a gap: the chats of their user, the events
// since the cursor – from the stream where the shard's ring does not hold them any more – and one
// CaughtUp. The ring is the queue of those who are on the way. Replays go on step by step, one
// connection at a time, so that what is live waits for one step at most. Users who wait for the
// database together are read in one statement, one statement at a time. Shard's thread.
class CatchUp {
 public:
  CatchUp(Shard& shard, Executor executor, Sources sources);

  void begin(StreamConnection& connection);
  // The log is known now. True when somebody could not wait for that, and was let in without it.
  bool set_warmed_up();
  // Just now there was nothing beyond it.
  void set_at_head() { at_head_at_ = SteadyClock::now(); }
  // What is being read has been read too early. REQUIRES: nobody is known any more.
  void discard_reads();
  // For those with connections; who is known stays so meanwhile.
  void read_memberships_again();
  // Events are lost: nothing but a Reset helps. It may be closed by this.
  void start_over(StreamConnection& connection);
  // The log has moved on, or time has.
  void retry_waiting();
  // Goes on with what waited for the socket.
  void drained(StreamConnection& connection);
  void forget(StreamConnection& connection);

  bool warmed_up() const { return warmed_up_; }

 private:
  struct Way {
    enum class Kind { wait, replay, read_replay, reset, cut };
    Kind kind;
    std::string_view reason = {};  // of a reset
  };
  using Timer = SteadyTimer<Executor>;

  void proceed(StreamConnection& connection);
  bool may_wait(const Join& join) const;
  Way choose(const StreamConnection& connection) const;
  Way choose_ahead(const Join& join) const;
  Way choose_behind(const Join& join) const;
  void wait(StreamConnection& connection);
  void replay(StreamConnection& connection);
  awaitable<> read_replay(std::shared_ptr<StreamConnection> connection);
  void apply_replay(StreamConnection& connection, const ReplaySlice& slice);
  bool hand_over(StreamConnection& connection, const EventPtr& event);
  void enqueue(StreamConnection& connection);
  void post_step();
  void step();
  void go_live(StreamConnection& connection, bool ahead = false);

  void ask_for(CachedUser& user);
  awaitable<> load();
  std::vector<UserId> take_batch();
  void finish(const std::vector<UserId>& batch, std::vector<postgres::MemberRow> rows);

  Shard& shard_;
  const Executor executor_;
  const Sources sources_;
  bool warmed_up_ = false;
  bool admitted_early_ = false;
  SteadyTime at_head_at_;  // when the log was last known to be all there is
  bool loading_ = false;
  std::uint64_t generation_ = 0;  // of the reads that count
  std::vector<UserId> to_load_;
  std::vector<StreamConnection*> waiting_;
  std::deque<StreamConnection*> queue_;  // of those whose replay goes on
  bool step_posted_ = false;
  StreamConnection* turn_ = nullptr;  // whose step is being made
};

}  // namespace fechatter::notify
