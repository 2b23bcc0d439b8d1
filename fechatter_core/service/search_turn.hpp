#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "fechatter_core/error.hpp"
#include "fechatter_core/steady_clock.hpp"

namespace fechatter {

// How long one search may go on: until its deadline, or until a newer search of its user. Copies
// are of the same search. Any thread.
class SearchTurn {
 public:
  using Clock = SteadyClock;

  // Without an end.
  SearchTurn() = default;
  explicit SearchTurn(std::chrono::milliseconds time)
      : time_{time},
        deadline_{Clock::now() + time},
        superseded_{std::make_shared<std::atomic<bool>>(false)} {}

  void supersede() const { superseded_->store(true); }

  bool is(const SearchTurn& other) const { return superseded_ == other.superseded_; }

  // Throws search_superseded, or search_unavailable at the deadline. To be called before each step.
  void require() const {
    if (!superseded_) return;
    if (superseded_->load()) {
      throw Error{ErrorCode::search_superseded, "A newer search of yours has ended this one."};
    }
    if (Clock::now() >= deadline_) throw too_slow();
  }

  static Error too_slow() {
    return Error{ErrorCode::search_unavailable, "The search took too long; try again shortly."};
  }

  // The time from the beginning to the deadline, and what is left of it; at least 1 ms.
  std::chrono::milliseconds time() const { return time_; }
  std::chrono::milliseconds left() const {
    using std::chrono::milliseconds;
    if (!superseded_) return time_;
    const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - Clock::now());
    return left < milliseconds{1} ? milliseconds{1} : left;
  }

 private:
  std::chrono::milliseconds time_ = std::chrono::hours{1};
  Clock::time_point deadline_;
  std::shared_ptr<std::atomic<bool>> superseded_;  // null: no end
};

}  // namespace fechatter
