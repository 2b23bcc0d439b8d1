#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "fechatter_core/async.hpp"

namespace fechatter {

// Slots for one kind of work: each piece takes one, and while all are taken further ones wait in
// the order in which they came. Any thread.
class Slots {
 public:
  // A slot that is taken, until this object is destroyed.
  class Taken;

  // `overload`: the detail of the refusal of work beyond `waiting_max` that waits.
  Slots(std::size_t count, std::size_t waiting_max, std::string overload);
  ~Slots();

  // Waits for a slot. Throws overloaded.
  awaitable<Taken> take();

  std::size_t waiting() const;

 private:
  struct State;

  const std::shared_ptr<State> state_;  // work that is dropped at the end outlives this object
};

class Slots::Taken {
 public:
  explicit Taken(std::shared_ptr<State> state) : state_{std::move(state)} {}
  Taken(Taken&&) noexcept = default;
  Taken& operator=(Taken&&) = delete;
  ~Taken();

 private:
  std::shared_ptr<State> state_;
};

}  // namespace fechatter
