#include "fechatter_core/event/erasures.hpp"

#include <utility>

namespace fechatter::event {
namespace {

constexpr std::size_t kept_max = 20'000;

}  // namespace

// What is on record stays there as long as the epoch, so records beyond the sequence may be kept.
const Erasure* KnownErasures::find(std::int64_t epoch, std::uint64_t stream_seq) {
  if (std::exchange(epoch_, epoch) != epoch || erasures_.size() > kept_max) erasures_.clear();
  auto found = erasures_.find(stream_seq);
  if (found == erasures_.end()) {
    for (const auto& erasure : source_.erased(epoch, stream_seq, last_of_all)) {
      erasures_.insert_or_assign(erasure.position.stream_seq, erasure);
    }
    found = erasures_.find(stream_seq);
  }
  return found == erasures_.end() ? nullptr : &found->second;
}

bool KnownErasures::cover(std::int64_t epoch, std::uint64_t first, std::uint64_t last) {
  for (auto stream_seq = first; stream_seq <= last; ++stream_seq) {
    if (!find(epoch, stream_seq)) return false;
  }
  return true;
}

}  // namespace fechatter::event
