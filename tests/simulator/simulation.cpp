#include "tests/simulator/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace fechatter::simulator {
namespace {

constexpr std::size_t stack_size = 256 * 1024;

// Stacks are reused: a fresh one costs page faults.
std::vector<std::unique_ptr<char[]>>& spare_stacks() {
  static std::vector<std::unique_ptr<char[]>> stacks;
  return stacks;
}

std::unique_ptr<char[]> reuse_stack() {
  auto& spare = spare_stacks();
  if (spare.empty()) return std::make_unique_for_overwrite<char[]>(stack_size);
  auto stack = std::move(spare.back());
  spare.pop_back();
  return stack;
}

// AddressSanitizer must know of each change of stack.
void before_switch(void** fake_stack, const void* to, std::size_t size) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(fake_stack, to, size);
#else
  static_cast<void>(fake_stack), static_cast<void>(to), static_cast<void>(size);
#endif
}

void after_switch(void* fake_stack, const void** from, std::size_t* size) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fake_stack, from, size);
#else
  static_cast<void>(fake_stack), static_cast<void>(from), static_cast<void>(size);
#endif
}

}  // namespace

std::uint64_t Random::next() {
  state_ += 0x9e3779b97f4a7c15U;
  auto z = state_;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

Actor::Actor(Simulation& simulation, std::string name, std::function<void()> life)
    : simulation_{simulation},
      name_{std::move(name)},
      life_{std::move(life)},
      ready_at_{simulation.now()},
      stopped_until_{simulation.now()},
      stack_{reuse_stack()} {
  getcontext(&context_);
  context_.uc_stack.ss_sp = stack_.get();
  context_.uc_stack.ss_size = stack_size;
  context_.uc_link = nullptr;
  const auto self = reinterpret_cast<std::uintptr_t>(this);
  makecontext(&context_, reinterpret_cast<void (*)()>(&Actor::enter), 2,
              static_cast<unsigned>(self >> 32U), static_cast<unsigned>(self));
}

Actor::~Actor() {
  spare_stacks().push_back(std::move(stack_));
}

void Actor::enter(unsigned high, unsigned low) {
  const auto self = (std::uintptr_t{high} << 32U) | low;
  reinterpret_cast<Actor*>(self)->run();
}

void Actor::run() {
  after_switch(nullptr, &simulation_.scheduler_stack_, &simulation_.scheduler_stack_size_);
  while (!simulation_.ending_) {
    try {
      life_();
    } catch (const Killed&) {
      simulation_.trace("killed");
    }
    killed_ = false;
    const auto rest = simulation_.random().up_to(milliseconds{2000});
    ready_at_ = simulation_.now() + rest;
    if (!simulation_.ending_) suspend();
  }
  ended_ = true;
  before_switch(nullptr, simulation_.scheduler_stack_, simulation_.scheduler_stack_size_);
  setcontext(&simulation_.scheduler_);
}

void Actor::resume() {
  simulation_.current_ = this;
  before_switch(&simulation_.fake_stack_, stack_.get(), stack_size);
  swapcontext(&simulation_.scheduler_, &context_);
  after_switch(simulation_.fake_stack_, nullptr, nullptr);
  simulation_.current_ = nullptr;
}

void Actor::suspend() {
  before_switch(&fake_stack_, simulation_.scheduler_stack_, simulation_.scheduler_stack_size_);
  swapcontext(&context_, &simulation_.scheduler_);
  after_switch(fake_stack_, &simulation_.scheduler_stack_, &simulation_.scheduler_stack_size_);
}

void Actor::stop(nanoseconds time) {
  stopped_until_ = std::max(stopped_until_, simulation_.now() + time);
}

void Actor::wake() {
  if (asleep_) ready_at_ = std::min(ready_at_, simulation_.now());
}

Simulation::Simulation(std::uint64_t seed) : random_{seed} {
  SteadyClock::simulate(&now_);
}

Simulation::~Simulation() {
  end();
  SteadyClock::simulate(nullptr);
}

void Simulation::end() {
  ending_ = true;
  for (auto& actor : actors_) {
    while (!actor->ended_) actor->resume();
  }
}

Actor& Simulation::add(std::string name, std::function<void()> life) {
  actors_.push_back(std::make_unique<Actor>(*this, std::move(name), std::move(life)));
  return *actors_.back();
}

void Simulation::run_until(SteadyClock::time_point end) {
  while (failure_.empty()) {
    auto* actor = choose(end);
    if (!actor) break;
    actor->resume();
  }
  now_ = std::max(now_, end);
}

// One of the ready actors; when none is ready, time passes.
Actor* Simulation::choose(SteadyClock::time_point end) {
  auto first = SteadyClock::time_point::max();
  std::size_t ready = 0;
  for (const auto& actor : actors_) {
    const auto at = std::max(actor->ready_at_, actor->stopped_until_);
    first = std::min(first, at);
    if (at <= now_) ++ready;
  }
  if (ready == 0) {
    if (first >= end) return nullptr;
    now_ = first;
    return choose(end);
  }
  auto index = random_.below(ready);
  for (const auto& actor : actors_) {
    if (std::max(actor->ready_at_, actor->stopped_until_) <= now_ && index-- == 0) {
      return actor.get();
    }
  }
  return nullptr;
}

void Simulation::point() {
  // Mostly quick, at times slow.
  auto time = nanoseconds{std::chrono::microseconds{random_.below(400)}};
  if (random_.one_in(30)) time = random_.up_to(milliseconds{60});
  if (random_.one_in(1500)) time = random_.up_to(milliseconds{2500});
  wait(time);
}

void Simulation::sleep(nanoseconds time) {
  current_->asleep_ = true;
  wait(time);
}

void Simulation::wait(nanoseconds time) {
  auto& actor = *current_;
  actor.ready_at_ = now_ + time;
  if (!ending_) actor.suspend();
  actor.asleep_ = false;
  if (actor.killed_ || ending_) throw Killed{};
}

void Simulation::fail(const std::string& what) {
  trace("FAILED: " + what);
  if (failure_.empty()) failure_ = what;
}

void Simulation::trace(const std::string& what) const {
  if (!verbose) return;
  const auto at = std::chrono::duration<double>(now_ - SteadyClock::time_point{});
  fmt::print("{:10.4f} {:12} {}\n", at.count() - 3600, current_ ? current_->name() : "-", what);
}

}  // namespace fechatter::simulator
