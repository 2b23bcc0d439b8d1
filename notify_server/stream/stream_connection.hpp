#pragma once

#include <memory>

#include "notify_server/stream/catch_up_state.hpp"
#include "notify_server/stream/connection_owner.hpp"
#include "notify_server/stream/pending.hpp"
#include "notify_server/stream/socket_handle.hpp"
#include "notify_server/stream/stream_request.hpp"

namespace fechatter::notify {

// One open SSE stream: a small state machine without a coroutine, since connections are many and
// mostly idle. Writes directly, and queues only what the kernel refuses; the queue is bounded by
// events and by bytes, and a slow consumer whose queue is full is closed and resumes. Lives on its
// shard's thread.
class StreamConnection : public std::enable_shared_from_this<StreamConnection> {
 public:
  StreamConnection(const ConnectionContext& context, CachedUser& user, const StreamRequest& request,
                   StreamSocket socket);

  // Watches for the peer's close. Call once.
  void start();

  // Queues; the shard flushes before its handler ends. Beyond the bounds flush() closes.
  // `committed_at`: of the message whose delivery is measured; {}: none is.
  void push(const Frame& frame, Timestamp committed_at = {});
  // `was_blocked`: what is sent has waited for the client, and not for this process.
  void flush(bool was_blocked = false);
  // Cuts the stream at once. What is queued is dropped, and the client resumes.
  void close(CloseCause cause);

  bool live() const { return !catch_up_ && !closed_; }
  bool closed() const { return closed_; }
  // The kernel has refused bytes; the owner gets on_drained() when everything has been sent.
  bool blocked() const { return blocked_; }
  // Half of the bounds is free, so that a replay leaves room for live events.
  bool has_room() const;

  CachedUser& user() const { return user_; }
  // Null once live.
  CatchUpState* catch_up() const { return catch_up_.get(); }
  // `epoch`: the ring's. `ahead`: the client's cursor was beyond the stream head.
  void go_live(std::int64_t epoch, bool ahead);
  // No longer live: it catches up again, after a Reset.
  void restart_catch_up(std::string_view reset_reason);
  bool was_ahead() const { return ahead_; }
  // Live, and the client does not have the event. An event first published before the epoch in
  // which the connection went live was delivered to the client, or refetched after its Reset; an
  // ephemeral event is dropped while the connection is blocked.
  bool wants(const Event& event) const {
    const auto first_epoch = event.first_position.epoch;
    return live() && !(event.ephemeral && blocked_) && !(first_epoch > 0 && first_epoch < epoch_);
  }

  // In the shard's ConnectionTable, which sets it.
  std::size_t index = 0;

 private:
  void watch();
  bool read_and_discard();
  void wait_until_writable();
  void note_sent(std::size_t bytes, bool was_blocked);

  const ConnectionContext& context_;
  CachedUser& user_;
  StreamSocket socket_;
  std::unique_ptr<Pending> pending_;        // null unless frames are queued
  std::unique_ptr<CatchUpState> catch_up_;  // null once live
  std::int64_t epoch_ = 0;                  // in which it went live
  std::uint32_t discarded_ = 0;             // bytes that the peer sent
  bool dirty_ = false;
  bool blocked_ = false;
  bool overflowed_ = false;
  bool closed_ = false;
  bool ahead_ = false;
};

}  // namespace fechatter::notify
