#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace fechatter::observability {

// How often something has happened since the start. One relaxed atomic: neither a lock nor an
// allocation. Any thread.
class Counter {
 public:
  void add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// A level that one thread changes and any thread reads: no locked instruction.
class Level {
 public:
  void add(std::size_t amount) { set(value() + amount); }
  void subtract(std::size_t amount) { set(value() - amount); }
  void set(std::size_t level) { value_.store(level, std::memory_order_relaxed); }
  std::size_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t> value_{0};
};

// A counter for each value of an enumeration, whose last one is `count`. Any thread.
template <class Kind>
class CounterSet {
 public:
  static constexpr std::size_t size = static_cast<std::size_t>(Kind::count);

  void add(Kind kind, std::uint64_t count = 1) { counters_[index_of(kind)].add(count); }
  std::uint64_t value(Kind kind) const { return counters_[index_of(kind)].value(); }

 private:
  static constexpr std::size_t index_of(Kind kind) { return static_cast<std::size_t>(kind); }

  std::array<Counter, size> counters_;
};

}  // namespace fechatter::observability
