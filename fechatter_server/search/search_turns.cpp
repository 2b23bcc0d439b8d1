#include "fechatter_server/search/search_turns.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "fechatter_core/resumer.hpp"

namespace fechatter::server {

struct SearchTurns::Lanes {
  std::mutex mutex;
  std::unordered_map<UserId, Lane> of_users;

  // True when the search runs at once; else it takes the place of the one that waits.
  bool enter(UserId user, const SearchTurn& turn) {
    const std::lock_guard lock{mutex};
    const auto [at, is_first] = of_users.try_emplace(user);
    if (is_first) {
      at->second.running = turn;
    } else {
      at->second.running.supersede();
    }
    return is_first;
  }

  void wait(UserId user, const SearchTurn& turn, std::function<void()> resume) {
    std::function<void()> other;
    {
      const std::lock_guard lock{mutex};
      const auto [at, is_first] = of_users.try_emplace(user);
      auto& lane = at->second;
      if (is_first) {
        lane.running = turn;
        other = std::move(resume);
      } else {
        lane.running.supersede();
        if (lane.waiting) lane.waiting->supersede();
        other = std::exchange(lane.resume, std::move(resume));
        lane.waiting = turn;
      }
    }
    if (other) other();
  }

  void leave(UserId user) {
    std::function<void()> next;
    {
      const std::lock_guard lock{mutex};
      const auto at = of_users.find(user);
      auto& lane = at->second;
      if (lane.waiting) {
        lane.running = *lane.waiting;
        lane.waiting.reset();
        next = std::exchange(lane.resume, nullptr);
      } else {
        of_users.erase(at);
      }
    }
    if (next) next();
  }

  // Whether the turn that was woken is the one that runs.
  bool runs(UserId user, const SearchTurn& turn) {
    const std::lock_guard lock{mutex};
    const auto at = of_users.find(user);
    return at != of_users.end() && at->second.running.is(turn);
  }
};

SearchTurns::SearchTurns(std::chrono::milliseconds time)
    : time_{time}, lanes_{std::make_shared<Lanes>()} {}

SearchTurns::~SearchTurns() = default;

awaitable<std::unique_ptr<SearchTurns::Held>> SearchTurns::begin(UserId user) {
  const SearchTurn turn{time_};
  if (!lanes_->enter(user, turn)) {
    auto waiting = wait_behind(user, turn);
    co_await std::move(waiting);
    if (!lanes_->runs(user, turn)) turn.require();
  }
  co_return std::make_unique<Held>(lanes_, user, turn);
}

awaitable<> SearchTurns::wait_behind(UserId user, SearchTurn turn) {
  auto initiate = [this, user, turn](auto handler) {
    lanes_->wait(user, turn, resumer<>(std::move(handler)));
  };
  const asio::use_awaitable_t<Executor> token;
  co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(std::move(initiate),
                                                                               token);
}

SearchTurns::Held::Held(std::shared_ptr<Lanes> lanes, UserId user, SearchTurn turn)
    : lanes_{std::move(lanes)}, user_{user}, turn_{std::move(turn)} {}

SearchTurns::Held::~Held() {
  lanes_->leave(user_);
}

}  // namespace fechatter::server
