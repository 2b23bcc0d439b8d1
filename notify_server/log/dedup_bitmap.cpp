#include "notify_server/log/dedup_bitmap.hpp"

#include <algorithm>

namespace fechatter::notify {

DedupBitmap::DedupBitmap(std::int64_t window)
    : window_{window}, bits_(static_cast<std::size_t>(window / 64)) {}

bool DedupBitmap::insert(EventId event) {
  if (highest_ != 0 && event.value <= highest_ - window_) return false;
  if (event.value > highest_) make_room_up_to(event.value);
  return test_and_set(event.value);
}

void DedupBitmap::clear() {
  highest_ = 0;
  std::fill(bits_.begin(), bits_.end(), 0);
}

void DedupBitmap::make_room_up_to(std::int64_t id) {
  if (id - highest_ >= window_) {
    std::fill(bits_.begin(), bits_.end(), 0);
  } else {
    for (auto stale = highest_ + 1; stale <= id; ++stale) {
      const auto slot = static_cast<std::uint64_t>(stale % window_);
      bits_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
    }
  }
  highest_ = id;
}

bool DedupBitmap::test_and_set(std::int64_t id) {
  const auto slot = static_cast<std::uint64_t>(id % window_);
  const auto bit = std::uint64_t{1} << (slot % 64);
  auto& word = bits_[slot / 64];
  const bool fresh = (word & bit) == 0;
  word |= bit;
  return fresh;
}

}  // namespace fechatter::notify
