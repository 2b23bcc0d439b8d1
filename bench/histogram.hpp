#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace fechatter::bench {

// A histogram of durations with a precision of 3 %. It allocates nothing, so it may lie in shared
// memory. One writer; readers must wait until it is idle.
class Histogram {
 public:
  void add(std::int64_t nanoseconds) {
    const auto value = static_cast<std::uint64_t>(nanoseconds > 0 ? nanoseconds : 0);
    ++counts_[bucket_of(value)];
    ++samples_;
  }
  void clear() { *this = {}; }

  std::uint64_t samples() const { return samples_; }
  // The upper end of the bucket of this quantile; 0 without values.
  double milliseconds_at(double share) const {
    const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(samples_)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size() && samples_ > 0; ++i) {
      seen += counts_[i];
      if (seen >= rank) return static_cast<double>(end_of(i)) / 1e6;
    }
    return 0;
  }

 private:
  static constexpr int sub_bits = 5;
  static constexpr std::uint64_t subs = 1U << sub_bits;

  static std::size_t bucket_of(std::uint64_t value) {
    if (value < subs) return value;
    const auto shift = static_cast<std::size_t>(std::bit_width(value)) - 1 - sub_bits;
    return (shift + 1) * subs + ((value >> shift) - subs);
  }
  static std::uint64_t end_of(std::size_t bucket) {
    if (bucket < subs) return bucket;
    const auto shift = bucket / subs - 1;
    return ((bucket % subs + subs + 1) << shift) - 1;
  }

  std::array<std::uint64_t, 60 * subs> counts_{};
  std::uint64_t samples_ = 0;
};

}  // namespace fechatter::bench
