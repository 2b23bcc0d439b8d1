#pragma once

#include <atomic>
#include <future>

#include "fechatter_core/auth/revoked_sessions.hpp"
#include "fechatter_core/steady_timer.hpp"
#include "notify_server/log/event_ring.hpp"
#include "notify_server/membership/membership_cache.hpp"
#include "notify_server/presence/presence_message.hpp"
#include "notify_server/stream/catch_up.hpp"
#include "notify_server/stream/inbox.hpp"
#include "notify_server/stream/stream_connection.hpp"

namespace fechatter::notify {

struct ShardSettings {
  EventRing::Limits ring;
  std::size_t connection_events_max = 1024;
  std::size_t connection_bytes_max = 1024 * 1024;
  std::size_t connections_per_user = 20;
  std::chrono::milliseconds heartbeat{25'000};
  std::chrono::milliseconds known_user{10 * 60'000};
  std::chrono::milliseconds retry{3'000};
  std::chrono::milliseconds cursor_wait{3'000};
  std::chrono::milliseconds catch_up_timeout{10'000};  // waiting for the database; then closed
  std::uint64_t replay_events_max = 1'000'000;  // of the stream, for one connection; else Reset
  std::chrono::milliseconds tick{1'000};
};

// What a shard tells of itself; read by any thread.
struct ShardCounts {
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> online_users{0};
  std::atomic<std::size_t> known_users{0};
  std::atomic<std::uint64_t> slow_readers{0};
};

// The connections of every n-th user, with all that is needed to serve them: one io_context, run by
// one thread; nothing inside is locked. Only the first group of functions may be called from other
// threads.
//
// Arrivals are taken out of the inbox all at once and handed to the connections' queues; then each
// connection that got something is flushed once. Idle, that is a direct write; in a burst, frames
// join.
class Shard {
 public:
  Shard(const ShardSettings& settings, Sources sources, const auth::RevokedSessions& revoked,
        OnPresence on_presence = {});

  // Serves until stop().
  void run();
  void stop();
  // Blocks while the inbox is full, unless stopped.
  void deliver(const std::vector<StreamUpdate>& updates);
  // What passes. Does not block: one handler of the shard.
  void fan_out_ephemeral(std::vector<EventPtr> events);
  void adopt(StreamRequest request, SocketHandle socket);
  void close_sessions(std::vector<SessionId> sessions);
  // Closes all connections, spread over `window`, and from now on those that come. The future is
  // ready when none is left. Call once.
  std::future<void> drain(std::chrono::milliseconds window);
  // Chats in which somebody has an open stream here. On io()'s executor.
  awaitable<std::vector<ChatId>> active_chats();
  const ShardCounts& counts() const { return counts_; }
  asio::io_context& io() { return io_; }

  // For StreamConnection and CatchUp.
  const ShardSettings& settings() const { return settings_; }
  PendingPool& pending_pool() { return pool_; }
  EventRing& ring() { return ring_; }
  MembershipCache& membership() { return membership_; }
  void mark_dirty(StreamConnection& connection) { dirty_.push_back(&connection); }
  void flush_dirty();
  void drained(StreamConnection& connection);
  void forget(StreamConnection& connection);
  void count_slow_reader() { ++counts_.slow_readers; }

 private:
  // What the tick looks at, side by side in memory; the connection itself rests.
  struct Place {
    std::shared_ptr<StreamConnection> connection;
    SessionId session;
    std::chrono::sys_seconds expires_at;
    std::size_t slot;  // of the heartbeat
  };

  void take_inbox();
  void take(const StreamUpdate& update);
  void tell(const Event& event, const Frame& frame);
  void tell(CachedUser& user, const Event& event, const Frame& frame);
  void admit(const Event& event);
  void dismiss(const Event& event);
  void begin_epoch(const StreamUpdate& update);
  void tell_position();
  void start_over();
  void send_everybody_back();
  void open(const StreamRequest& request, SocketHandle socket);
  std::size_t choose_slot();
  void make_room_for_another(CachedUser& user);
  template <class Action>
  void for_each_place(Action action);
  void wait_for_tick();
  void tick();
  void send_heartbeats();
  void drain_step(std::size_t steps_left);
  void note_presence(const CachedUser& user, bool online);
  void count();

  const ShardSettings settings_;
  const auth::RevokedSessions& revoked_;
  const OnPresence on_presence_;
  const std::size_t slots_;  // ticks from one heartbeat to the next
  asio::io_context io_;
  using Timer = SteadyTimer<asio::io_context::executor_type>;
  Timer ticker_;
  Timer drainer_;
  ShardCounts counts_;

  Inbox inbox_;
  EventRing ring_;
  MembershipCache membership_;
  PendingPool pool_;
  std::vector<Place> places_;
  std::vector<StreamConnection*> dirty_;  // empty between handlers
  std::vector<StreamConnection*> flushing_;
  std::size_t online_users_ = 0;
  std::uint64_t deliveries_ = 0;  // numbers the delivered events
  std::size_t ticks_ = 0;
  std::size_t connections_opened_ = 0;
  bool draining_ = false;
  std::promise<void> drained_;
  CatchUp catch_up_;
};

}  // namespace fechatter::notify
