#pragma once

#include "fechatter_core/event/erasures.hpp"

namespace fechatter::notify {

// Records of erasures, in the order in which a test adds them.
struct FakeErasures final : event::ErasureSource {
  std::vector<event::Erasure> erased(std::int64_t epoch, std::uint64_t first,
                                     std::uint64_t last) override {
    ++reads;
    if (unknown) throw event::ErasuresUnknown{"no database"};
    std::vector<event::Erasure> found;
    for (const auto& record : records) {
      const auto& at = record.position;
      if (at.epoch == epoch && at.stream_seq >= first && at.stream_seq <= last) {
        found.push_back(record);
      }
    }
    return found;
  }

  std::vector<event::Erasure> records;
  bool unknown = false;
  int reads = 0;
};

}  // namespace fechatter::notify
