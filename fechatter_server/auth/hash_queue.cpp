#include "fechatter_server/auth/hash_queue.hpp"

#include <algorithm>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "fechatter_core/error.hpp"

namespace fechatter::server {
namespace {

constexpr int known_in_a_row_max = 3;

}  // namespace

template <class Handler>
struct HashQueue::Waiting final : Waiter {
  explicit Waiting(Handler h)
      : handler{std::move(h)}, guard{asio::get_associated_executor(handler)} {}

  void resume(std::exception_ptr refusal) override {
    asio::post(guard.get_executor(),
               [h = std::move(handler), refusal]() mutable { std::move(h)(refusal); });
  }

  Handler handler;
  asio::executor_work_guard<asio::associated_executor_t<Handler>> guard;
};

awaitable<HashQueue::Slot> HashQueue::enter(HashTurn turn) {
  const bool known = turn.known;
  auto initiate = [this](auto handler, HashTurn wanted) {
    submit(std::move(wanted), std::make_unique<Waiting<decltype(handler)>>(std::move(handler)));
  };
  const asio::use_awaitable_t<Executor> token;
  auto waiting =
      asio::async_initiate<const asio::use_awaitable_t<Executor>, void(std::exception_ptr)>(
          std::move(initiate), token, std::move(turn));
  co_await std::move(waiting);
  co_return Slot{*this, known};
}

void HashQueue::submit(HashTurn turn, std::unique_ptr<Waiter> waiter) {
  Waiters refused;
  Waiters started;
  {
    const std::lock_guard lock{mutex_};
    const auto now = now_();
    waiter->deadline = now + settings_.deadline;
    known_.take_overdue(now, refused);
    strangers_.take_overdue(now, refused);
    auto& lane = turn.known ? known_ : strangers_;
    if (lane.waiting == 0 && can_start(turn.known)) {
      take_slot(turn.known);
      started.push_back(std::move(waiter));
    } else if (!is_full()) {
      lane.add(turn.group, std::move(waiter));
    } else if (auto evicted = make_room(turn)) {
      refused.push_back(std::move(evicted));
      lane.add(turn.group, std::move(waiter));
    } else {
      refused.push_back(std::move(waiter));
    }
  }
  refuse(refused);
  for (auto& next : started) next->resume(nullptr);
}

void HashQueue::give_back(bool known) {
  Waiters refused;
  Waiters started;
  {
    const std::lock_guard lock{mutex_};
    --used_;
    if (!known) --used_by_strangers_;
    const auto now = now_();
    known_.take_overdue(now, refused);
    strangers_.take_overdue(now, refused);
    start_next(started);
  }
  refuse(refused);
  for (auto& next : started) next->resume(nullptr);
}

// Null: the newcomer itself is of the group with most turns.
std::unique_ptr<HashQueue::Waiter> HashQueue::make_room(const HashTurn& turn) {
  if (turn.known && strangers_.waiting > 0) return strangers_.newest_of_largest();
  auto& lane = turn.known ? known_ : strangers_;
  if (lane.largest() <= lane.size_of(turn.group) + 1) return nullptr;
  return lane.newest_of_largest();
}

void HashQueue::start_next(Waiters& started) {
  while (true) {
    const bool known = !is_turn_of_strangers();
    auto& lane = known ? known_ : strangers_;
    if (lane.waiting == 0 || !can_start(known)) return;
    take_slot(known);
    started.push_back(lane.next());
  }
}

bool HashQueue::is_turn_of_strangers() const {
  if (strangers_.waiting == 0 || !can_start(false)) return false;
  return known_.waiting == 0 || known_in_a_row_ >= known_in_a_row_max;
}

bool HashQueue::can_start(bool known) const {
  return used_ < settings_.slots && (known || used_by_strangers_ < settings_.stranger_slots);
}

void HashQueue::take_slot(bool known) {
  ++used_;
  if (known) {
    ++known_in_a_row_;
  } else {
    ++used_by_strangers_;
    known_in_a_row_ = 0;
  }
}

void HashQueue::refuse(Waiters& refused) const {
  for (auto& waiter : refused) {
    Error refusal{ErrorCode::overloaded, "Too many people sign in at this moment."};
    refusal.come_again_after(std::chrono::ceil<std::chrono::seconds>(settings_.deadline));
    waiter->resume(std::make_exception_ptr(refusal));
  }
}

std::size_t HashQueue::waiting() const {
  const std::lock_guard lock{mutex_};
  return known_.waiting + strangers_.waiting;
}

void HashQueue::Lane::add(const std::string& group, std::unique_ptr<Waiter> waiter) {
  auto& waiters = groups[group];
  if (waiters.empty()) rotation.push_back(group);
  waiters.push_back(std::move(waiter));
  ++waiting;
}

std::unique_ptr<HashQueue::Waiter> HashQueue::Lane::next() {
  const auto group = std::move(rotation.front());
  rotation.pop_front();
  const auto found = groups.find(group);
  auto waiter = std::move(found->second.front());
  found->second.pop_front();
  --waiting;
  if (found->second.empty()) {
    groups.erase(found);
  } else {
    rotation.push_back(group);
  }
  return waiter;
}

std::unique_ptr<HashQueue::Waiter> HashQueue::Lane::newest_of_largest() {
  const auto found = std::max_element(
      groups.begin(), groups.end(),
      [](const auto& left, const auto& right) { return left.second.size() < right.second.size(); });
  auto waiter = std::move(found->second.back());
  found->second.pop_back();
  --waiting;
  if (found->second.empty()) drop(std::string{found->first});
  return waiter;
}

std::size_t HashQueue::Lane::largest() const {
  std::size_t most = 0;
  for (const auto& [group, waiters] : groups) most = std::max(most, waiters.size());
  return most;
}

std::size_t HashQueue::Lane::size_of(const std::string& group) const {
  const auto found = groups.find(group);
  return found == groups.end() ? 0 : found->second.size();
}

void HashQueue::Lane::take_overdue(Clock::time_point now, Waiters& overdue) {
  std::deque<std::string> emptied;
  for (auto& [group, waiters] : groups) {
    while (!waiters.empty() && waiters.front()->deadline <= now) {
      overdue.push_back(std::move(waiters.front()));
      waiters.pop_front();
      --waiting;
    }
    if (waiters.empty()) emptied.push_back(group);
  }
  for (const auto& group : emptied) drop(group);
}

void HashQueue::Lane::drop(const std::string& group) {
  groups.erase(group);
  rotation.erase(std::find(rotation.begin(), rotation.end(), group));
}

}  // namespace fechatter::server
