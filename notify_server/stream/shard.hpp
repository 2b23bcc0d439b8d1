#pragma once

#include "fechatter_core/auth/revoked_sessions.hpp"
#include "fechatter_core/steady_timer.hpp"
#include "notify_server/log/stream_update.hpp"
#include "notify_server/membership/recipients.hpp"
#include "notify_server/presence/presence_message.hpp"
#include "notify_server/stream/catch_up.hpp"
#include "notify_server/stream/connection_drain.hpp"
#include "notify_server/stream/connection_table.hpp"
#include "notify_server/stream/delivery_log.hpp"
#include "notify_server/stream/flush_queue.hpp"
#include "notify_server/stream/inbox.hpp"
#include "notify_server/stream/presence_subscriptions.hpp"
#include "notify_server/stream/session_checks.hpp"
#include "notify_server/stream/shard_counts.hpp"

namespace fechatter::notify {

// The connections of every n-th user, with all that delivery to them needs: one io_context, run by
// one thread, without locks. Only the functions that say so may be called from other threads.
//
// The updates are moved out of the inbox all at once; their events are pushed to the connections'
// queues, and then each connection with a new event is flushed once. Idle, that is a direct write;
// in a burst, frames go out together.
class Shard final : private ConnectionOwner {
 public:
  // What is written to users is recorded in `deliveries`, which outlives the shard; null: nowhere.
  Shard(const ShardSettings& settings, CatchUpSources sources, const auth::RevokedSessions& revoked,
        OnStream on_stream = {}, DeliveryLog* deliveries = nullptr);

  // Serves until stop(). Any thread, as the ones after it down to counts().
  void run() { io_.run(); }
  void stop();
  // Blocks while the inbox is full, unless stopped.
  void deliver(const std::vector<StreamUpdate>& updates);
  // To the recipients with a live connection. Does not block: one handler of the shard. Those of a
  // chat are dropped while a backlog is republished: its joins come again before the removals that
  // have ended them since, so a former member may count as a member.
  void fan_out_ephemeral(std::vector<EventPtr> events);
  // For a session with a stream here; the frames that `read_present` returns, on the shard's
  // thread, go to its live connections. Does not block.
  void subscribe(PresenceSubscription subscription,
                 std::function<std::vector<std::string>()> read_present);
  void adopt(StreamRequest request, SocketHandle socket);
  void close_sessions(std::vector<SessionId> sessions);
  // Closes all connections, spread over `window`, and from now on the new ones. The future is ready
  // when the last connection is closed. Call once.
  std::future<void> drain(std::chrono::milliseconds window);
  const ShardCounts& counts() const { return counts_; }
  asio::io_context& io() { return io_; }

  // On io()'s executor: the chats with a member who has an open stream here.
  awaitable<std::vector<ChatId>> active_chats();
  // On the shard's thread: the ring's.
  Position position() const { return ring_.position(); }

 private:
  using Timer = SteadyTimer<asio::io_context::executor_type>;

  void on_drained(StreamConnection& connection) override;
  void on_closed(StreamConnection& connection, CloseCause cause) override;

  // Events of sampled traces that wait for the flush, each with its connections.
  using Traced = std::vector<std::pair<const EventTrace*, std::size_t>>;

  void apply_updates();
  void apply(const StreamUpdate& update);
  static void record(Traced& traced);
  void fan_out(const Event& event, const Frame& frame);
  void fan_out_to_subscribers(const Event& event, const Frame& frame);
  void begin_epoch(const StreamUpdate& update);
  void send_position();
  void on_events_lost();
  void close_admitted_early();
  void open(const StreamRequest& request, SocketHandle socket);
  void schedule_tick();
  void tick();
  void send_heartbeats();
  template <class Action>
  void for_each_of(const CachedUser& user, SessionId session, Action action) const;
  void report_stream(const CachedUser& user, SessionId session, bool opened);
  void update_counts();

  const ShardSettings settings_;
  const auth::RevokedSessions& revoked_;
  const OnStream on_stream_;
  DeliveryLog* const deliveries_;
  std::vector<UserId> written_to_;  // of the event that is being fanned out
  std::size_t fanned_out_ = 0;      // connections to which the last update went
  asio::io_context io_;
  Timer ticker_;
  ShardCounts counts_;

  Inbox inbox_;
  EventRing ring_;
  MembershipCache membership_;
  Recipients recipients_{membership_};
  PendingPool pending_pool_;
  FlushQueue flush_queue_;
  const ConnectionContext context_{*this, flush_queue_, pending_pool_, settings_, counts_};
  ConnectionTable connections_;
  PresenceSubscriptions subscriptions_;
  ConnectionDrain drain_;
  SessionChecks session_checks_;
  std::size_t online_users_ = 0;
  CatchUp catch_up_;
};

}  // namespace fechatter::notify
