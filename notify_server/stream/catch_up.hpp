#pragma once

#include <deque>
#include <memory>
#include <unordered_map>

#include "fechatter_core/steady_clock.hpp"
#include "notify_server/log/event_ring.hpp"
#include "notify_server/stream/catch_up_sources.hpp"
#include "notify_server/stream/shard_settings.hpp"
#include "notify_server/stream/stream_connection.hpp"

namespace fechatter::notify {

class DeliveryLog;
class FlushQueue;
struct ShardCounts;

// What catching up needs of its shard. Outlives the CatchUp.
struct CatchUpContext {
  const ShardSettings& settings;
  const EventRing& ring;
  MembershipCache& membership;
  FlushQueue& flush_queue;
  ShardCounts& counts;
  DeliveryLog* deliveries = nullptr;  // null: none is written
};

// Brings connections from their cursor to live without a gap: the memberships of their user, the
// events since the cursor – replayed from the ring, or from the stream where the ring has evicted
// them – and one CaughtUp. Events that arrive meanwhile are replayed from the ring. No event is
// replayed whose message has been edited or deleted since: the later event follows. Replays proceed
// step by step, one connection at a time, so that live events wait for one step at most. Of a user
// one connection at a time replays from the stream: the next one waits for it, except while it
// waits for its client. Shard's thread.
class CatchUp {
 public:
  CatchUp(const CatchUpContext& context, Executor executor, CatchUpSources sources);

  void begin(StreamConnection& connection);
  // The ring reached the stream's head. True when a connection was admitted before that.
  bool set_warmed_up();
  // The stream had nothing beyond the ring's position at this moment.
  void set_at_head() { at_head_at_ = SteadyClock::now(); }
  // Ignores the reads of memberships that are running. REQUIRES: the cache was invalidated.
  void discard_reads() { loader_.discard_reads(); }
  // For the known users with connections; they stay known meanwhile.
  void reload_memberships() { loader_.reload_connected(); }
  // Events are lost: the connection gets a Reset, or is closed.
  void on_events_lost(StreamConnection& connection);
  // After the ring has advanced, or time has passed.
  void retry_waiting();
  // Resumes what back-pressure has stopped.
  void on_drained(StreamConnection& connection);
  void remove(StreamConnection& connection);

  bool warmed_up() const { return warmed_up_; }

 private:
  void proceed(StreamConnection& connection);
  void wait(StreamConnection& connection);
  void park(StreamConnection& connection);
  // The turn of the user's connections to replay from the stream.
  bool take_turn(StreamConnection& connection);
  void give_up_turn(const StreamConnection& connection, UserId user);
  void replay_ring(StreamConnection& connection);
  void replay_stream(StreamConnection& connection);
  awaitable<ReplaySlice> read_present(WorkspaceId workspace, FrameId after);
  awaitable<> read_slice(std::shared_ptr<StreamConnection> connection);
  void replay_slice(StreamConnection& connection);
  bool replay_event(StreamConnection& connection, const EventPtr& event);
  void enqueue(StreamConnection& connection);
  void post_step();
  void run_step();
  void go_live(StreamConnection& connection, bool ahead = false);
  void reset(StreamConnection& connection, std::string_view reason);
  void count_start(const CatchUpState& state, StreamStart start);

  const CatchUpContext context_;
  const Executor executor_;
  const ReplaySource replay_source_;
  const VersionSource version_source_;
  MembershipLoader loader_;
  bool warmed_up_ = false;
  bool admitted_early_ = false;
  SteadyTime at_head_at_;
  std::vector<StreamConnection*> waiting_;
  std::deque<StreamConnection*> queue_;  // replays that go on
  std::unordered_map<UserId, const StreamConnection*> turns_;
  bool step_posted_ = false;
  StreamConnection* current_ = nullptr;  // its step is running
};

}  // namespace fechatter::notify
