#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "fechatter_core/model/ids.hpp"

namespace fechatter::server {

// How many uploads are under way in this process, and how many of each user. One more waits for
// none: its client would send into a full buffer meanwhile. A user without an upload has no memory.
// Any thread.
class UploadSlots {
 public:
  // A slot that is taken, until this object is destroyed.
  class Taken;

  // `count`: of all users; `of_user`: of each.
  UploadSlots(std::size_t count, std::size_t of_user);

  // Throws rate_limited (429) when the user has all of its slots, overloaded (503) when there is
  // none.
  Taken take(UserId user);

  std::size_t taken() const;

 private:
  struct State;

  const std::shared_ptr<State> state_;  // an upload that is dropped at the end outlives this object
};

class UploadSlots::Taken {
 public:
  Taken(std::shared_ptr<State> state, UserId user) : state_{std::move(state)}, user_{user} {}
  Taken(Taken&&) noexcept = default;
  Taken& operator=(Taken&&) = delete;
  ~Taken();

 private:
  std::shared_ptr<State> state_;
  UserId user_;
};

}  // namespace fechatter::server
