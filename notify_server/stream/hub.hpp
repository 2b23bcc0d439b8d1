#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "notify_server/stream/shard.hpp"

namespace fechatter::notify {

// The shards and their threads. A user's connections are all in shard `user_id % shards`; an update
// goes to every shard, as one shared event. Any thread.
class Hub {
 public:
  // Called with what was just delivered, on the thread of deliver().
  using OnDelivered = std::function<void(const std::vector<StreamUpdate>&)>;

  // `on_stream` is called on the shards' threads.
  Hub(std::size_t shards, const ShardSettings& settings, const CatchUpSources& sources,
      const auth::RevokedSessions& revoked, const OnStream& on_stream = {},
      OnDelivered on_delivered = {}, DeliveryLog* deliveries = nullptr);
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  void start();
  // Ends the threads; connections that are still open are cut.
  void stop();

  // In the order of the stream, by one thread. Blocks while a shard's inbox is full.
  void deliver(const std::vector<StreamUpdate>& updates);
  // Fans out ephemeral events to the recipients that are connected now.
  void fan_out_ephemeral(const std::vector<EventPtr>& events);
  // As Shard::subscribe.
  void subscribe(PresenceSubscription subscription,
                 std::function<std::vector<std::string>()> read_present);
  void adopt(StreamRequest request, SocketHandle socket);
  void close_sessions(const std::vector<SessionId>& sessions);
  // Closes all streams, spread over `window`; returns when the last is closed, or a second later.
  void drain(std::chrono::milliseconds window);

  // How many chats have a member with an open stream; counted once a second at most. On the
  // caller's executor.
  awaitable<std::size_t> active_chats();

  std::size_t connections() const;
  std::size_t online_users() const;
  // Of each shard.
  std::vector<const ShardCounts*> counts() const;

 private:
  Shard& shard_of(UserId user);
  awaitable<std::size_t> count_active_chats();
  std::size_t sum(std::atomic<std::size_t> ShardCounts::*count) const;

  const OnDelivered on_delivered_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::thread> threads_;
  std::atomic<std::int64_t> chats_counted_at_{0};  // seconds of the steady clock; 0: never
  std::atomic<std::size_t> chats_counted_{0};
};

}  // namespace fechatter::notify
