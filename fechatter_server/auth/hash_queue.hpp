#pragma once

#include <chrono>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "fechatter_core/async.hpp"

namespace fechatter::server {

// Whose turn a password's hash is. The turns of a group come one after the other, those of
// different groups in rotation.
struct HashTurn {
  bool known = false;  // a device that is known to the account, or a signed-in user
  std::string group;   // the account of a known one, the network of a stranger
};

struct HashQueueSettings {
  std::size_t slots = 2;           // hashes at the same time
  std::size_t stranger_slots = 1;  // of them for strangers, at most
  std::size_t queue_max = 64;      // that wait
  std::chrono::milliseconds deadline{5'000};
};

// The queue before the computation of password hashes. Known devices have their turns before
// strangers, and a slot that strangers never have; of four turns one is a stranger's if one waits,
// so known devices cannot keep strangers out either. When it is full, the newest turn of the group
// with most turns is refused, those of strangers first; a turn that has waited to the deadline is
// refused the next time a slot is given back, which a hash does within milliseconds. A refusal is
// overloaded (503) with the time to wait. Any thread.
class HashQueue {
 public:
  using Clock = std::chrono::steady_clock;
  using Now = std::function<Clock::time_point()>;

  explicit HashQueue(const HashQueueSettings& settings, Now now = Clock::now)
      : settings_{settings}, now_{std::move(now)} {}

  // A slot, which its destructor gives back. The queue outlives it.
  class Slot {
   public:
    Slot(HashQueue& queue, bool known) : queue_{&queue}, known_{known} {}
    Slot(Slot&& other) noexcept
        : queue_{std::exchange(other.queue_, nullptr)}, known_{other.known_} {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
      if (queue_) queue_->give_back(known_);
    }

   private:
    HashQueue* queue_;
    bool known_;
  };

  // Waits for a slot. Throws overloaded.
  awaitable<Slot> enter(HashTurn turn);

  std::size_t waiting() const;

 private:
  // A coroutine that waits; resumed once, with an exception or without.
  struct Waiter {
    virtual ~Waiter() = default;
    virtual void resume(std::exception_ptr refusal) = 0;
    Clock::time_point deadline;
  };
  template <class Handler>
  struct Waiting;
  using Waiters = std::deque<std::unique_ptr<Waiter>>;
  // The waiting turns of one kind.
  struct Lane {
    std::map<std::string, Waiters> groups;  // none is empty
    std::deque<std::string> rotation;       // their names; the first has the next turn
    std::size_t waiting = 0;

    void add(const std::string& group, std::unique_ptr<Waiter> waiter);
    std::unique_ptr<Waiter> next();
    // The newest of the group with most turns. REQUIRES: one waits.
    std::unique_ptr<Waiter> newest_of_largest();
    std::size_t largest() const;
    std::size_t size_of(const std::string& group) const;
    void take_overdue(Clock::time_point now, Waiters& overdue);

   private:
    void drop(const std::string& group);
  };

  void submit(HashTurn turn, std::unique_ptr<Waiter> waiter);
  void give_back(bool known);
  bool is_full() const { return known_.waiting + strangers_.waiting >= settings_.queue_max; }
  std::unique_ptr<Waiter> make_room(const HashTurn& turn);
  void start_next(Waiters& started);
  bool is_turn_of_strangers() const;
  bool can_start(bool known) const;
  void take_slot(bool known);
  void refuse(Waiters& refused) const;

  const HashQueueSettings settings_;
  const Now now_;
  mutable std::mutex mutex_;
  Lane known_;
  Lane strangers_;
  std::size_t used_ = 0;  // slots
  std::size_t used_by_strangers_ = 0;
  int known_in_a_row_ = 0;
};

}  // namespace fechatter::server
