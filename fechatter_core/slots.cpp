#include "fechatter_core/slots.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>

#include "fechatter_core/error.hpp"
#include "fechatter_core/resumer.hpp"

namespace fechatter {

struct Slots::State {
  using Resume = std::function<void(std::exception_ptr)>;

  State(std::size_t count, std::size_t waiting_most, std::string refusal)
      : free{count}, waiting_max{waiting_most}, overload{std::move(refusal)} {}

  void submit(Resume resume) {
    std::exception_ptr refusal;
    {
      const std::lock_guard lock{mutex};
      if (free > 0) {
        --free;
      } else if (waiting.size() < waiting_max) {
        waiting.push_back(std::move(resume));
        return;
      } else {
        refusal = std::make_exception_ptr(Error{ErrorCode::overloaded, overload});
      }
    }
    resume(refusal);
  }

  void give_back() {
    Resume next;
    {
      const std::lock_guard lock{mutex};
      if (waiting.empty()) {
        ++free;
        return;
      }
      next = std::move(waiting.front());
      waiting.pop_front();
    }
    next(nullptr);
  }

  std::mutex mutex;
  std::size_t free;
  const std::size_t waiting_max;
  const std::string overload;
  std::deque<Resume> waiting;
};

Slots::Slots(std::size_t count, std::size_t waiting_max, std::string overload)
    : state_{std::make_shared<State>(count, waiting_max, std::move(overload))} {}

// What waits holds the state, which holds what waits.
Slots::~Slots() {
  std::deque<State::Resume> dropped;
  const std::lock_guard lock{state_->mutex};
  dropped.swap(state_->waiting);
}

awaitable<Slots::Taken> Slots::take() {
  const auto state = state_;
  auto initiate = [&state](auto handler) {
    state->submit(resumer<std::exception_ptr>(std::move(handler)));
  };
  const asio::use_awaitable_t<Executor> token;
  auto slot = asio::async_initiate<const asio::use_awaitable_t<Executor>, void(std::exception_ptr)>(
      std::move(initiate), token);
  co_await std::move(slot);
  co_return Taken{state};
}

std::size_t Slots::waiting() const {
  const std::lock_guard lock{state_->mutex};
  return state_->waiting.size();
}

Slots::Taken::~Taken() {
  if (state_) state_->give_back();
}

}  // namespace fechatter
