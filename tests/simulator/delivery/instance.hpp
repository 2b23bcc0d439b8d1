#pragma once

#include <memory>

#include "fechatter_core/auth/revoked_sessions.hpp"
#include "notify_server/log/event_order.hpp"
#include "notify_server/stream/shard.hpp"
#include "tests/simulator/delivery/truth.hpp"

namespace fechatter::simulator {

// A notify_server as far as it decides: the real order, ring, replays and deliveries, on simulated
// time, with a database and a stream that are slow, fail, and are ahead of what has arrived here.
class Instance {
 public:
  Instance(const Truth& truth, const Stream& stream, std::mt19937_64& chance);

  // Ends it as a crash would, and starts it anew: the log is filled from some point on.
  void restart();
  // Takes what the stream has, up to `max` messages.
  void follow(std::size_t max);
  void adopt(notify::StreamRequest request, notify::SocketHandle socket);
  // Runs what is ready.
  void run();

  Position position() const { return order_->position(); }
  bool caught_up() const { return next_ == stream_.readable(); }
  // How many messages of the stream it has read or passed over.
  std::size_t read() const { return next_; }
  // Connections that this one has closed because they did not read.
  std::uint64_t slow_readers() const { return shard_->counts().slow_readers; }

 private:
  awaitable<std::vector<postgres::MemberRow>> read_memberships(std::vector<UserId> users);
  awaitable<notify::ReplaySlice> read_replay(Position after, std::uint64_t to);
  awaitable<> be_slow();
  bool has_luck();
  void pass_over_what_is_lost();
  void pass_over_what_is_damaged();
  void lose_up_to(Position position, EventId next);
  notify::StreamUpdate update_of(const Stream::Message& message);
  notify::EventPtr event_of(const Stream::Message& message) const;

  const Truth& truth_;
  const Stream& stream_;
  std::mt19937_64& chance_;
  auth::RevokedSessions revoked_{std::chrono::seconds{1800}};
  std::optional<notify::EventOrder> order_;
  std::size_t next_ = 0;        // of the stream's messages
  std::size_t warm_up_to_ = 0;  // the log is filled when it is there
  bool warmed_up_ = false;
  std::unique_ptr<notify::Shard> shard_;
};

}  // namespace fechatter::simulator
