#pragma once

#include <chrono>

#include "fechatter_core/async.hpp"

namespace fechatter {

// How the work for one request shares the machine with others. The work of a heavy reader is done
// in parts: each is followed by a rest for so many times as long as it took, a second at most
// (limits.heavy_rest). One thread at a time.
class Pace {
 public:
  // The first part begins now. `rest` 0: no rests, and no parts.
  void begin(int rest);
  bool has_parts() const { return rest_ > 0; }
  // Ends a part; the next one begins after the rest, the time of which is returned.
  awaitable<std::chrono::steady_clock::duration> rest();

 private:
  int rest_ = 0;
  std::chrono::steady_clock::time_point part_began_ = {};
};

}  // namespace fechatter
