#include "fechatter_core/event/erasures.hpp"

#include <utility>

namespace fechatter::event {
namespace {

constexpr std::size_t kept_max = 20'000;

}  // namespace

const Erasure* KnownErasures::find(std::int64_t epoch, std::uint64_t stream_seq,
                                   std::uint64_t first, std::uint64_t last) {
  if (std::exchange(epoch_, epoch) != epoch) erasures_.clear();
  auto found = erasures_.find(stream_seq);
  if (found == erasures_.end()) {
    read(first, last);
    found = erasures_.find(stream_seq);
  }
  // One answer of the source is limited, and may end before the sequence.
  if (found == erasures_.end() && first < stream_seq) {
    read(stream_seq, last);
    found = erasures_.find(stream_seq);
  }
  return found == erasures_.end() ? nullptr : &found->second;
}

bool KnownErasures::cover(std::int64_t epoch, std::uint64_t first, std::uint64_t last) {
  for (auto stream_seq = first; stream_seq <= last; ++stream_seq) {
    if (!find(epoch, stream_seq, stream_seq, last)) return false;
  }
  return true;
}

void KnownErasures::read(std::uint64_t first, std::uint64_t last) {
  if (erasures_.size() > kept_max) erasures_.clear();
  for (const auto& erasure : source_.erased(epoch_, first, last)) {
    erasures_.insert_or_assign(erasure.position.stream_seq, erasure);
  }
}

}  // namespace fechatter::event
