#include "notify_server/stream/pending.hpp"

namespace fechatter::notify {
namespace {

constexpr std::size_t spare_max = 1024;
constexpr std::size_t spare_capacity_max = 64;  // one that grew beyond is not kept
constexpr std::size_t compact_after = 64;

}  // namespace

void Pending::push(const Frame& frame) {
  frames_.push_back(frame);
  bytes_ += frame->size();
}

std::size_t Pending::gather(iovec* pieces, std::size_t max) const {
  std::size_t used = 0;
  std::size_t offset = first_sent_;
  for (auto i = first_; i < frames_.size() && used < max; ++i, ++used) {
    const auto& frame = *frames_[i];
    // sendmsg reads what iov_base points to; POSIX has no const there.
    pieces[used].iov_base = const_cast<char*>(frame.data()) + offset;
    pieces[used].iov_len = frame.size() - offset;
    offset = 0;
  }
  return used;
}

void Pending::consume(std::size_t sent) {
  bytes_ -= sent;
  while (sent > 0) {
    const auto left = frames_[first_]->size() - first_sent_;
    if (sent < left) {
      first_sent_ += sent;
      break;
    }
    sent -= left;
    first_sent_ = 0;
    frames_[first_++].reset();
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
  const bool keep = spare_.size() < spare_max && pending->capacity() <= spare_capacity_max;
  if (keep) spare_.push_back(std::move(pending));
}

}  // namespace fechatter::notify
