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
      : time_{time}, deadline_{Clock::now() + time}, state_{std::make_shared<State>()} {}

  void supersede() const { state_->superseded = true; }
  // A rest of the search does not count. By the thread that carries it on.
  void exempt(Clock::duration rest) const {
    if (state_) state_->rested = state_->rested.load() + rest;
  }

  bool is(const SearchTurn& other) const { return state_ == other.state_; }

  // Throws search_superseded, or search_unavailable at the deadline. To be called before each step.
  void require() const {
    if (!state_) return;
    if (state_->superseded) {
      throw Error{ErrorCode::search_superseded, "A newer search of yours has ended this one."};
    }
    if (Clock::now() >= deadline()) throw too_slow();
  }

  static Error too_slow() {
    return Error{ErrorCode::search_unavailable, "The search took too long; try again shortly."};
  }

  // The time from the beginning to the deadline, and what is left of it; at least 1 ms.
  std::chrono::milliseconds time() const { return time_; }
  std::chrono::milliseconds left() const {
    using std::chrono::milliseconds;
    if (!state_) return time_;
    const auto left = std::chrono::duration_cast<milliseconds>(deadline() - Clock::now());
    return left < milliseconds{1} ? milliseconds{1} : left;
  }

 private:
  struct State {
    std::atomic<bool> superseded = false;
    std::atomic<Clock::duration> rested = Clock::duration::zero();
  };

  Clock::time_point deadline() const { return deadline_ + state_->rested.load(); }

  std::chrono::milliseconds time_ = std::chrono::hours{1};
  Clock::time_point deadline_;    // without rests
  std::shared_ptr<State> state_;  // null: no end
};

}  // namespace fechatter
