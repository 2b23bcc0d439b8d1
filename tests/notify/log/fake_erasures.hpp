#pragma once

#include "fechatter_core/event/erasures.hpp"

namespace fechatter::notify {

// Records of erasures, which a test adds in the order of the stream.
struct FakeErasures final : public event::ErasureSource {
  std::vector<event::Erasure> erased(std::int64_t epoch, std::uint64_t first,
                                     std::uint64_t last) override {
    ++reads;
    if (unknown) throw event::ErasuresUnknown{"no database"};
    std::vector<event::Erasure> found;
    for (const auto& record : records) {
      const auto& at = record.position;
      const bool is_inside = at.stream_seq >= first && at.stream_seq <= last;
      if (at.epoch == epoch && is_inside && found.size() < answer_max) found.push_back(record);
    }
    return found;
  }

  std::vector<event::Erasure> records;
  std::size_t answer_max = 10'000;
  bool unknown = false;
  int reads = 0;
};

}  // namespace fechatter::notify
