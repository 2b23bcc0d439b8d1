#include "notify_server/stream/pending.hpp"

#include <sys/socket.h>

#include <array>

namespace fechatter::notify {
namespace {

constexpr std::size_t spare_max = 1024;
constexpr std::size_t spare_capacity_max = 64;  // a queue that grew beyond is freed
constexpr std::size_t compact_after = 64;
constexpr std::size_t pieces_max = 64;  // of one sendmsg

}  // namespace

void Pending::push(const Frame& frame, Timestamp committed_at) {
  frames_.push_back({frame, committed_at});
  bytes_ += frame->size();
}

// Nearly always a single frame waits, and send() is cheaper than sendmsg().
ssize_t Pending::send_to(int socket) const {
  constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
  if (count() == 1) {
    iovec piece{};
    gather(&piece, 1);
    return ::send(socket, piece.iov_base, piece.iov_len, flags);
  }
  std::array<iovec, pieces_max> pieces{};
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = gather(pieces.data(), pieces.size());
  return ::sendmsg(socket, &message, flags);
}

std::size_t Pending::gather(iovec* pieces, std::size_t max) const {
  std::size_t used = 0;
  std::size_t offset = first_sent_;
  for (auto i = first_; i < frames_.size() && used < max; ++i, ++used) {
    const auto& frame = *frames_[i].frame;
    // sendmsg only reads from iov_base, although POSIX declares it without const.
    pieces[used].iov_base = const_cast<char*>(frame.data()) + offset;
    pieces[used].iov_len = frame.size() - offset;
    offset = 0;
  }
  return used;
}

void Pending::consume(std::size_t sent, DeliveryTimes* times) {
  bytes_ -= sent;
  while (sent > 0) {
    const auto left = frames_[first_].frame->size() - first_sent_;
    if (sent < left) {
      first_sent_ += sent;
      break;
    }
    sent -= left;
    first_sent_ = 0;
    auto& whole = frames_[first_++];
    if (times) times->record(whole.committed_at);
    whole.frame.reset();
  }
  if (empty()) {
    clear();
  } else if (first_ >= compact_after && first_ * 2 >= frames_.size()) {
    frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

void Pending::clear() {
  frames_.clear();
  first_ = 0;
  first_sent_ = 0;
  bytes_ = 0;
}

std::unique_ptr<Pending> PendingPool::take() {
  if (spare_.empty()) return std::make_unique<Pending>();
  auto pending = std::move(spare_.back());
  spare_.pop_back();
  return pending;
}

void PendingPool::give_back(std::unique_ptr<Pending> pending) {
  const bool reusable = spare_.size() < spare_max && pending->capacity() <= spare_capacity_max;
  if (reusable) spare_.push_back(std::move(pending));
}

}  // namespace fechatter::notify
