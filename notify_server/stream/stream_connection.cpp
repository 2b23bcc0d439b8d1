#include "notify_server/stream/stream_connection.hpp"

#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "notify_server/stream/shard.hpp"

namespace fechatter::notify {
namespace {

constexpr std::size_t pieces_max = 64;  // of one sendmsg
constexpr std::uint32_t discard_max = 64 * 1024;
// A peer that is gone without a word is noticed this long after a heartbeat that nobody
// acknowledged.
constexpr int unacknowledged_ms_max = 60'000;

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

}  // namespace

StreamConnection::StreamConnection(Shard& shard, CachedUser& user, const StreamRequest& request,
                                   StreamSocket socket)
    : shard_{shard},
      user_{user},
      session_{request.session_id},
      socket_{std::move(socket)},
      join_{std::make_unique<Join>()} {
  join_->cursor = request.cursor;
  const int on = 1;
  const int fd = socket_.native_handle();
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms_max,
               sizeof unacknowledged_ms_max);
}

void StreamConnection::begin_again(std::string_view reset) {
  join_ = std::make_unique<Join>();
  join_->reset = reset;
  join_->was_live = true;
}

void StreamConnection::go_live(std::int64_t epoch, bool ahead) {
  join_.reset();
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
      self->close();
    }
  });
}

// False when the peer has closed, or talks too much.
bool StreamConnection::read_and_discard() {
  std::array<char, 512> ignored{};
  const auto count = ::recv(socket_.native_handle(), ignored.data(), ignored.size(), MSG_DONTWAIT);
  if (count < 0) return would_block() || errno == EINTR;
  discarded_ += static_cast<std::uint32_t>(count);
  return count > 0 && discarded_ <= discard_max;
}

void StreamConnection::push(const Frame& frame) {
  if (closed_ || overflowed_) return;
  if (!pending_) pending_ = shard_.pending_pool().take();
  const auto& limits = shard_.settings();
  overflowed_ =
      !pending_->empty() && (pending_->count() >= limits.connection_events_max ||
                             pending_->bytes() + frame->size() > limits.connection_bytes_max);
  if (!overflowed_) pending_->push(frame);
  if (dirty_ || (blocked_ && !overflowed_)) return;
  dirty_ = true;
  shard_.mark_dirty(*this);
}

bool StreamConnection::has_room() const {
  if (!pending_) return true;
  const auto& limits = shard_.settings();
  return pending_->count() < limits.connection_events_max / 2 &&
         pending_->bytes() < limits.connection_bytes_max / 2;
}

void StreamConnection::flush() {
  dirty_ = false;
  if (closed_) return;
  if (overflowed_) {
    shard_.count_slow_reader();
    spdlog::debug("user {}: closed, does not read", user_.id.value);
    close();
  } else if (pending_ && !blocked_) {
    write();
  }
}

// What waits, in one call; nearly always it is a single frame, and send() is the cheaper one.
ssize_t StreamConnection::send_pending() {
  constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
  if (pending_->count() == 1) {
    iovec piece{};
    pending_->gather(&piece, 1);
    return ::send(socket_.native_handle(), piece.iov_base, piece.iov_len, flags);
  }
  std::array<iovec, pieces_max> pieces{};
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pending_->gather(pieces.data(), pieces.size());
  return ::sendmsg(socket_.native_handle(), &message, flags);
}

void StreamConnection::write() {
  while (!pending_->empty()) {
    const auto sent = send_pending();
    if (sent >= 0) {
      pending_->consume(static_cast<std::size_t>(sent));
    } else if (would_block()) {
      return wait_for_room();
    } else if (errno != EINTR) {
      return close();
    }
  }
  shard_.pending_pool().give_back(std::move(pending_));
}

void StreamConnection::wait_for_room() {
  blocked_ = true;
  socket_.async_wait(StreamSocket::wait_write, [self = shared_from_this()](const auto& error) {
    if (error || self->closed_) return;
    self->blocked_ = false;
    self->write();
    if (!self->closed_ && !self->blocked_) self->shard_.drained(*self);
  });
}

void StreamConnection::close() {
  if (closed_) return;
  closed_ = true;
  boost::system::error_code ignored;
  socket_.close(ignored);
  pending_.reset();
  shard_.forget(*this);
}

}  // namespace fechatter::notify
