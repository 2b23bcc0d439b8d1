#pragma once

#include <chrono>
#include <map>
#include <string>

#include "fechatter_core/clock.hpp"
#include "tests/chaos/dice.hpp"
#include "tests/chaos/history.hpp"
#include "tests/chaos/http_exchange.hpp"
#include "tests/chaos/world.hpp"

namespace fechatter::chaos {

// Where clients may ask; the balancer stands first.
struct Doors {
  std::vector<std::uint16_t> servers;
  std::vector<std::uint16_t> notifies;
};

inline Micros moment() {
  return to_unix_micros(now());
}

// What all clients share. The clients' thread only.
struct Traffic {
  Traffic(Executor its_executor, const World& its_world, Doors its_doors, std::uint64_t seed)
      : executor{std::move(its_executor)},
        world{its_world},
        doors{std::move(its_doors)},
        dice{seed} {}

  // Most ask the balancer, the others an instance.
  std::uint16_t choose(const std::vector<std::uint16_t>& ports) {
    return dice.chance(0.6) ? ports.front() : dice.of(ports);
  }

  Executor executor;
  const World& world;
  const Doors doors;
  Dice dice;
  Histories histories;
  std::map<int, int> statuses;  // of REST answers, and how often
  bool lively = true;           // new messages and changes begin, listeners come and go
  bool stopping = false;
  int clients = 0;  // that have not ended
  int pending = 0;  // messages and changes under way
};

}  // namespace fechatter::chaos
