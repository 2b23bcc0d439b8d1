#include "notify_server/stream/stream_connection.hpp"

#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "notify_server/stream/flush_queue.hpp"
#include "notify_server/stream/shard_settings.hpp"

namespace fechatter::notify {
namespace {

constexpr std::uint32_t discard_max = 64 * 1024;
// A peer that vanished is noticed this long after a heartbeat that its host did not acknowledge.
constexpr int unacknowledged_ms_max = 60'000;

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

}  // namespace

StreamConnection::StreamConnection(const ConnectionContext& context, CachedUser& user,
                                   const StreamRequest& request, StreamSocket socket)
    : context_{context},
      user_{user},
      socket_{std::move(socket)},
      catch_up_{std::make_unique<CatchUpState>()} {
  catch_up_->cursor = request.cursor;
  catch_up_->has_cursor = request.cursor.kind != Cursor::Kind::none;
  const int on = 1;
  const int fd = socket_.native_handle();
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms_max,
               sizeof unacknowledged_ms_max);
}

void StreamConnection::restart_catch_up(std::string_view reset_reason) {
  catch_up_ = std::make_unique<CatchUpState>();
  catch_up_->reset_reason = reset_reason;
  catch_up_->was_live = true;
}

void StreamConnection::go_live(std::int64_t epoch, bool ahead) {
  catch_up_.reset();
  epoch_ = epoch;
  ahead_ = ahead;
}

void StreamConnection::start() {
  watch();
}

void StreamConnection::watch() {
  socket_.async_wait(StreamSocket::wait_read, [self = shared_from_this()](const auto& error) {
    if (error || self->closed_) return;
    if (self->read_and_discard()) {
      self->watch();
    } else {
      self->close(CloseCause::client_left);
    }
  });
}

// False when the peer has closed, or has sent too much.
bool StreamConnection::read_and_discard() {
  std::array<char, 512> ignored{};
  const auto count = ::recv(socket_.native_handle(), ignored.data(), ignored.size(), MSG_DONTWAIT);
  if (count < 0) return would_block() || errno == EINTR;
  discarded_ += static_cast<std::uint32_t>(count);
  return count > 0 && discarded_ <= discard_max;
}

void StreamConnection::push(const Frame& frame, Timestamp committed_at) {
  if (closed_ || overflowed_) return;
  if (!pending_) pending_ = context_.pending_pool.take();
  const auto& limits = context_.settings;
  overflowed_ =
      !pending_->empty() && (pending_->count() >= limits.connection_events_max ||
                             pending_->bytes() + frame->size() > limits.connection_bytes_max);
  if (!overflowed_) {
    pending_->push(frame, committed_at);
    context_.counts.queued_bytes.add(frame->size());
  }
  if (dirty_ || (blocked_ && !overflowed_)) return;
  dirty_ = true;
  context_.flush_queue.add(*this);
}

bool StreamConnection::has_room() const {
  if (!pending_) return true;
  const auto& limits = context_.settings;
  return pending_->count() < limits.connection_events_max / 2 &&
         pending_->bytes() < limits.connection_bytes_max / 2;
}

void StreamConnection::flush(bool was_blocked) {
  dirty_ = false;
  if (closed_) return;
  if (overflowed_) {
    spdlog::debug("slow consumer closed: user {}", user_.id.value);
    return close(CloseCause::slow_consumer);
  }
  if (!pending_ || blocked_) return;
  while (!pending_->empty()) {
    const auto sent = pending_->send_to(socket_.native_handle());
    if (sent >= 0) {
      note_sent(static_cast<std::size_t>(sent), was_blocked);
    } else if (would_block()) {
      return wait_until_writable();
    } else if (errno != EINTR) {
      return close(CloseCause::client_left);
    }
  }
  context_.pending_pool.give_back(std::move(pending_));
}

void StreamConnection::note_sent(std::size_t bytes, bool was_blocked) {
  auto& counts = context_.counts;
  DeliveryTimes times{was_blocked ? counts.delivered_late : counts.delivered};
  pending_->consume(bytes, &times);
  counts.queued_bytes.subtract(bytes);
  counts.sent_bytes.add(bytes);
}

void StreamConnection::wait_until_writable() {
  blocked_ = true;
  socket_.async_wait(StreamSocket::wait_write, [self = shared_from_this()](const auto& error) {
    if (error || self->closed_) return;
    self->blocked_ = false;
    self->flush(true);
    if (!self->closed_ && !self->blocked_) self->context_.owner.on_drained(*self);
  });
}

void StreamConnection::close(CloseCause cause) {
  if (closed_) return;
  closed_ = true;
  boost::system::error_code ignored;
  socket_.close(ignored);
  if (pending_) context_.counts.queued_bytes.subtract(pending_->bytes());
  pending_.reset();
  context_.owner.on_closed(*this, cause);
}

}  // namespace fechatter::notify
