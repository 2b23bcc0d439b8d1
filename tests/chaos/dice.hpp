#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace fechatter::chaos {

// Random choices from a seed. One thread.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : generator_{seed} {}

  // 0 … below - 1
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(generator_() % bound); }
  bool chance(double probability) { return unit() < probability; }
  template <class T>
  const T& of(const std::vector<T>& items) {
    return items[below(items.size())];
  }
  std::chrono::milliseconds between(std::chrono::milliseconds low, std::chrono::milliseconds high) {
    const auto width = static_cast<double>((high - low).count());
    return low + std::chrono::milliseconds{static_cast<std::int64_t>(unit() * width)};
  }
  // An exponentially distributed pause with a mean of `mean` milliseconds.
  std::chrono::milliseconds pause(double mean) {
    return std::chrono::milliseconds{static_cast<std::int64_t>(-mean * std::log(1.0 - unit()))};
  }

 private:
  double unit() { return static_cast<double>(generator_() >> 11) * 0x1p-53; }

  std::mt19937_64 generator_;
};

}  // namespace fechatter::chaos
