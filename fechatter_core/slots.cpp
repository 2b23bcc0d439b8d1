#include "fechatter_core/slots.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "fechatter_core/resumer.hpp"

namespace fechatter {

struct Slots::State {
  using Resume = std::function<void(std::exception_ptr)>;
  struct Key {
    std::size_t taken = 0;
    std::deque<Resume> waiting;
  };

  State(std::size_t of_each, std::size_t waiting_most, Error refused)
      : count{of_each}, waiting_max{waiting_most}, refusal{std::move(refused)} {}

  bool try_take(std::uint64_t key) {
    const std::lock_guard lock{mutex};
    return take_of(keys[key]);
  }

  void submit(std::uint64_t key, Resume resume) {
    std::exception_ptr failure;
    {
      const std::lock_guard lock{mutex};
      auto& slots = keys[key];
      if (!take_of(slots)) {
        if (slots.waiting.size() < waiting_max) {
          slots.waiting.push_back(std::move(resume));
          return;
        }
        failure = std::make_exception_ptr(refusal);
      }
    }
    resume(failure);
  }

  void give_back(std::uint64_t key) {
    Resume next;
    {
      const std::lock_guard lock{mutex};
      const auto slots = keys.find(key);
      auto& [taken, waiting] = slots->second;
      if (waiting.empty()) {
        if (--taken == 0) keys.erase(slots);
        return;
      }
      next = std::move(waiting.front());
      waiting.pop_front();
    }
    next(nullptr);
  }

  // REQUIRES: the mutex is locked.
  bool take_of(Key& slots) const {
    if (slots.taken == count) return false;
    ++slots.taken;
    return true;
  }

  const std::size_t count;
  const std::size_t waiting_max;
  const Error refusal;
  std::mutex mutex;
  std::unordered_map<std::uint64_t, Key> keys;
};

Slots::Slots(std::size_t count, std::size_t waiting_max, Error refusal)
    : state_{std::make_shared<State>(count, waiting_max, std::move(refusal))} {}

// What waits holds the state, which holds what waits.
Slots::~Slots() {
  std::deque<State::Resume> dropped;
  const std::lock_guard lock{state_->mutex};
  for (auto& [key, slots] : state_->keys) {
    while (!slots.waiting.empty()) {
      dropped.push_back(std::move(slots.waiting.front()));
      slots.waiting.pop_front();
    }
  }
}

awaitable<Slots::Taken> Slots::take(std::uint64_t key) {
  const auto state = state_;
  if (state->try_take(key)) co_return Taken{state, key};
  auto initiate = [&state, key](auto handler) {
    state->submit(key, resumer<std::exception_ptr>(std::move(handler)));
  };
  const asio::use_awaitable_t<Executor> token;
  auto slot = asio::async_initiate<const asio::use_awaitable_t<Executor>, void(std::exception_ptr)>(
      std::move(initiate), token);
  co_await std::move(slot);
  co_return Taken{state, key};
}

std::size_t Slots::waiting(std::uint64_t key) const {
  const std::lock_guard lock{state_->mutex};
  const auto slots = state_->keys.find(key);
  return slots == state_->keys.end() ? 0 : slots->second.waiting.size();
}

std::size_t Slots::keys() const {
  const std::lock_guard lock{state_->mutex};
  return state_->keys.size();
}

Slots::Taken::~Taken() {
  if (state_) state_->give_back(key_);
}

}  // namespace fechatter
