#pragma once

#include <cstdint>
#include <vector>

#include "fechatter_core/model/ids.hpp"

namespace fechatter::notify {

// The set of event ids that were delivered, in any order: one bit for each of the last `window`
// ids. An id below the window counts as delivered. One thread.
class DedupBitmap {
 public:
  static constexpr std::int64_t default_window = 8 * 1024 * 1024;  // 1 MiB

  // REQUIRES: `window` is a multiple of 64.
  explicit DedupBitmap(std::int64_t window = default_window);

  // False when the id is in the set already. REQUIRES: id > 0.
  bool insert(EventId event);
  void clear();

 private:
  void make_room_up_to(std::int64_t id);
  bool test_and_set(std::int64_t id);

  const std::int64_t window_;
  std::int64_t highest_ = 0;
  std::vector<std::uint64_t> bits_;  // the bit of an id is id % window
};

}  // namespace fechatter::notify
