#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "notify_server/shard.hpp"

namespace fechatter::notify {

// The shards and their threads. A user's connections all live in shard `user_id % shards`; what
// arrives goes to every shard, as one shared event. Any thread.
class Hub {
 public:
  Hub(std::size_t shards, const ShardSettings& settings, const MembershipSource& source,
      const auth::RevokedSessions& revoked);
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  void start();
  // Ends the threads; connections that are still open are cut.
  void stop();

  // In the order of the log, by one thread. Blocks while a shard is far behind.
  void deliver(const std::vector<Arrival>& arrivals);
  void adopt(StreamRequest request, SocketHandle socket);
  void close_sessions(const std::vector<SessionId>& sessions);
  // Closes all streams, spread over `window`, and returns when none is left, or a second after it.
  void drain(std::chrono::milliseconds window);

  // Users with an open stream. On the caller's executor.
  awaitable<std::vector<UserId>> online_in(std::vector<ChatId> chats);
  awaitable<std::vector<UserId>> online_of(WorkspaceId workspace);

  // Chats in which somebody has an open stream; looked up once a second at most.
  awaitable<std::size_t> active_chats();

  std::size_t connections() const;
  std::size_t online_users() const;

 private:
  Shard& shard_of(UserId user);
  template <class Found, class... Where>
  awaitable<std::vector<Found>> gather(awaitable<std::vector<Found>> (Shard::*ask)(Where...),
                                       Where... where);
  std::size_t sum(std::atomic<std::size_t> ShardCounts::*count) const;

  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::thread> threads_;
  std::atomic<std::int64_t> chats_counted_at_{0};  // seconds of the steady clock; 0: never
  std::atomic<std::size_t> chats_counted_{0};
};

}  // namespace fechatter::notify
