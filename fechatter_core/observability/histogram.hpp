#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fechatter::observability {

// The buckets of a histogram: each counts the values up to its bound, and one more counts the rest.
// The text has bounds and sum divided by `per_unit`, so that microseconds become seconds.
struct Buckets {
  static constexpr std::size_t bounds_max = 12;

  std::span<const std::uint64_t> bounds;  // ascending, bounds_max at most; lives as long as the
                                          // process
  double per_unit = 1;
};

constexpr double micros_per_second = 1'000'000;

// What a histogram holds at a moment.
struct HistogramSnapshot {
  Buckets buckets;
  std::vector<std::uint64_t> counts;  // of each bucket alone; the last one has no bound
  std::uint64_t sum = 0;

  std::uint64_t total() const {
    std::uint64_t all = 0;
    for (const auto count : counts) all += count;
    return all;
  }
  // REQUIRES: the same buckets.
  HistogramSnapshot& operator+=(const HistogramSnapshot& other) {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
    sum += other.sum;
    return *this;
  }
};

// Counts values by size. An observation is two relaxed atomic additions: neither a lock nor an
// allocation. A snapshot that is taken meanwhile may have an observation in its counts and not yet
// in its sum. Any thread.
class Histogram {
 public:
  explicit Histogram(const Buckets& buckets) : buckets_{buckets} {}

  void observe(std::uint64_t value) {
    std::size_t i = 0;
    while (i < buckets_.bounds.size() && value > buckets_.bounds[i]) ++i;
    counts_[i].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }
  // A time in microseconds; a negative one, as of clocks that differ, counts as 0.
  template <class Rep, class Period>
  void observe(std::chrono::duration<Rep, Period> time) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
    observe(static_cast<std::uint64_t>(std::max<std::int64_t>(micros, 0)));
  }

  HistogramSnapshot snapshot() const {
    HistogramSnapshot taken{buckets_, {}, sum_.load(std::memory_order_relaxed)};
    for (std::size_t i = 0; i <= buckets_.bounds.size(); ++i) {
      taken.counts.push_back(counts_[i].load(std::memory_order_relaxed));
    }
    return taken;
  }

 private:
  const Buckets buckets_;
  std::array<std::atomic<std::uint64_t>, Buckets::bounds_max + 1> counts_{};
  std::atomic<std::uint64_t> sum_{0};
};

// Measures the time from its making to observe(). One thread.
class Stopwatch {
 public:
  std::chrono::steady_clock::duration elapsed() const {
    return std::chrono::steady_clock::now() - begun_;
  }
  void observe(Histogram& histogram) const { histogram.observe(elapsed()); }

 private:
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

// Bounds in microseconds. `quick`: of steps within the process and of the database; `slow`: of work
// in the background.
inline constexpr std::array<std::uint64_t, 10> quick_bounds{
    1'000, 2'500, 5'000, 10'000, 25'000, 50'000, 100'000, 250'000, 1'000'000, 2'500'000};
inline constexpr std::array<std::uint64_t, 9> slow_bounds{
    10'000, 50'000, 100'000, 500'000, 1'000'000, 5'000'000, 30'000'000, 120'000'000, 600'000'000};
// Numbers of things in a batch.
inline constexpr std::array<std::uint64_t, 8> size_bounds{1, 2, 5, 10, 50, 100, 500, 1'000};
inline constexpr std::array<std::uint64_t, 8> byte_bounds{
    1'024, 16'384, 131'072, 1'048'576, 8'388'608, 67'108'864, 536'870'912, 4'294'967'296};

inline constexpr Buckets quick_seconds{quick_bounds, micros_per_second};
inline constexpr Buckets slow_seconds{slow_bounds, micros_per_second};
inline constexpr Buckets batch_sizes{size_bounds};
inline constexpr Buckets byte_sizes{byte_bounds};

}  // namespace fechatter::observability
