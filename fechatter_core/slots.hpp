#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "fechatter_core/async.hpp"
#include "fechatter_core/error.hpp"

namespace fechatter {

// Slots for one kind of work: each piece takes one of those of its key, and while all are taken
// further ones wait in the order in which they came. A key of which nothing is taken has no memory.
// Any thread.
class Slots {
 public:
  // A slot that is taken, until this object is destroyed.
  class Taken;

  // `count`: of each key. `refusal`: of work beyond `waiting_max` of its key that waits.
  Slots(std::size_t count, std::size_t waiting_max, Error refusal);
  ~Slots();

  // Waits for a slot of the key. Throws the refusal.
  awaitable<Taken> take(std::uint64_t key);

  std::size_t waiting(std::uint64_t key) const;
  std::size_t keys() const;

 private:
  struct State;

  const std::shared_ptr<State> state_;  // work that is dropped at the end outlives this object
};

class Slots::Taken {
 public:
  Taken(std::shared_ptr<State> state, std::uint64_t key) : state_{std::move(state)}, key_{key} {}
  Taken(Taken&&) noexcept = default;
  Taken& operator=(Taken&& other) noexcept {
    std::swap(state_, other.state_);
    std::swap(key_, other.key_);
    return *this;
  }
  ~Taken();

 private:
  std::shared_ptr<State> state_;
  std::uint64_t key_;
};

}  // namespace fechatter
