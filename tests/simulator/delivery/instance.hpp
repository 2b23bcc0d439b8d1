#pragma once

#include <memory>

#include "fechatter_core/auth/revoked_sessions.hpp"
#include "notify_server/log/event_order.hpp"
#include "notify_server/stream/shard.hpp"
#include "tests/simulator/delivery/truth.hpp"

namespace fechatter::simulator {

// The decisions of a notify_server: the real order, ring, replay and delivery, on simulated time,
// with a database and a stream that are slow, fail, and are ahead of the updates of the shard.
class Instance {
 public:
  Instance(const Truth& truth, const Stream& stream, std::mt19937_64& chance);

  // Ends the instance as a crash would, and starts it again; its ring begins at some message.
  void restart();
  // Reads up to `max` messages of the stream.
  void follow(std::size_t max);
  void adopt(notify::StreamRequest request, notify::SocketHandle socket);
  // Runs the handlers that are ready.
  void run();

  Position position() const { return order_->position(); }
  bool caught_up() const { return next_ == stream_.readable(); }
  // How many messages of the stream the instance has read or skipped.
  std::size_t read() const { return next_; }
  // Connections that this instance has closed as slow consumers.
  std::uint64_t slow_consumers() const { return shard_->counts().slow_consumers(); }

 private:
  awaitable<std::vector<postgres::MemberRow>> read_memberships(std::vector<UserId> users);
  awaitable<notify::ReplaySlice> read_replay(Position after, std::uint64_t to);
  awaitable<std::vector<postgres::MessageVersion>> read_versions(std::vector<MessageKey> messages);
  awaitable<> delay();
  bool succeeds();
  void skip_lost_epoch();
  void skip_damage();
  void lose_up_to(Position position, EventId next);
  notify::StreamUpdate update_of(const Stream::Message& message);
  notify::EventPtr event_of(const Stream::Message& message) const;

  const Truth& truth_;
  const Stream& stream_;
  std::mt19937_64& chance_;
  auth::RevokedSessions revoked_{std::chrono::seconds{1800}};
  std::optional<notify::EventOrder> order_;
  std::size_t next_ = 0;        // of the stream's messages
  std::size_t warm_up_to_ = 0;  // the ring is warm from there on
  bool warmed_up_ = false;
  std::unique_ptr<notify::Shard> shard_;
};

}  // namespace fechatter::simulator
