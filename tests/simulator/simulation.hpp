#pragma once

#include <ucontext.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fechatter_core/steady_clock.hpp"

// Runs many actors in one thread, each on a stack of its own, on a simulated clock: the same seed
// gives the same run.
namespace fechatter::simulator {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// Thrown through an actor that is killed. Not a std::exception: nothing may catch it on the way.
struct Killed {};

// splitmix64.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_{seed} {}
  std::uint64_t next();
  // From 0 to below `limit`.
  std::uint64_t below(std::uint64_t limit) { return next() % limit; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  milliseconds up_to(milliseconds most) {
    return milliseconds{below(static_cast<std::uint64_t>(most.count()) + 1)};
  }

 private:
  std::uint64_t state_;
};

class Simulation;

// A process of the simulated system. It is restarted after it was killed.
class Actor {
 public:
  Actor(Simulation& simulation, std::string name, std::function<void()> life);
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;
  ~Actor();

  const std::string& name() const { return name_; }
  // It dies at its next scheduling point and is restarted after a while.
  void kill() { killed_ = true; }
  // SIGSTOP, and SIGCONT after that time.
  void stop(nanoseconds time);
  // Ends a sleep() early.
  void wake();

 private:
  friend class Simulation;
  static void enter(unsigned high, unsigned low);
  void run();
  void resume();
  void suspend();

  Simulation& simulation_;
  const std::string name_;
  const std::function<void()> life_;
  SteadyClock::time_point ready_at_;
  SteadyClock::time_point stopped_until_;
  bool killed_ = false;
  bool asleep_ = false;
  bool ended_ = false;
  ucontext_t context_{};
  std::unique_ptr<char[]> stack_;
  void* fake_stack_ = nullptr;  // AddressSanitizer's
};

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed);
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  Actor& add(std::string name, std::function<void()> life);
  // Ends all actors and unwinds their stacks. REQUIRES: the objects that they use still live.
  void end();
  // Runs the actors until then, or until something failed.
  void run_until(SteadyClock::time_point end);

  // A scheduling point of the running actor: others may run, time may pass, it may be killed.
  void point();
  // The running actor waits; it may be woken.
  void sleep(nanoseconds time);

  Random& random() { return random_; }
  SteadyClock::time_point now() const { return now_; }
  std::int64_t now_ns() const { return (now_ - SteadyClock::time_point{}).count(); }

  // Only the first is kept.
  void fail(const std::string& what);
  const std::string& failure() const { return failure_; }
  // trace() prints: for the study of one seed.
  bool verbose = false;
  void trace(const std::string& what) const;

 private:
  friend class Actor;
  Actor* choose(SteadyClock::time_point end);
  void wait(nanoseconds time);

  Random random_;
  SteadyClock::time_point now_{std::chrono::hours{1}};
  std::string failure_;
  bool ending_ = false;
  std::vector<std::unique_ptr<Actor>> actors_;
  Actor* current_ = nullptr;
  ucontext_t scheduler_{};
  void* fake_stack_ = nullptr;
  const void* scheduler_stack_ = nullptr;
  std::size_t scheduler_stack_size_ = 0;
};

}  // namespace fechatter::simulator
