#pragma once

#include <limits>

#include "tests/chaos/history.hpp"

namespace fechatter::chaos {

// The time between two events of a chat, by their ids and moments: a membership, for example.
struct Period {
  std::int64_t from = 0;
  std::int64_t until = std::numeric_limits<std::int64_t>::max();
  Micros from_at = 0;
  Micros until_at = std::numeric_limits<Micros>::max();

  bool over() const { return until != std::numeric_limits<std::int64_t>::max(); }
  bool covers(std::int64_t event) const { return from < event && event < until; }
  bool overlaps(Micros begin, Micros end) const { return from_at <= end && until_at >= begin; }
};

}  // namespace fechatter::chaos
