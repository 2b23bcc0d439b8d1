#pragma once

#include <chrono>
#include <map>
#include <string>

#include "fechatter_core/clock.hpp"
#include "tests/chaos/dice.hpp"
#include "tests/chaos/history.hpp"
#include "tests/chaos/http_exchange.hpp"
#include "tests/chaos/population.hpp"

namespace fechatter::chaos {

// Ports for clients; the balancer is the first of each list.
struct Ports {
  std::vector<std::uint16_t> servers;
  std::vector<std::uint16_t> notifies;
};

inline Micros moment() {
  return to_unix_micros(now());
}

// What the clients of a run upload together; the disk of the files holds twice as much.
inline constexpr std::size_t upload_bytes_max = 40 << 20;

// The shared state of all clients. The clients' thread only.
struct Traffic {
  Traffic(Executor its_executor, const Population& its_population, Ports its_ports,
          std::uint64_t seed)
      : executor{std::move(its_executor)},
        population{its_population},
        ports{std::move(its_ports)},
        dice{seed} {}

  // The balancer in 60 % of the cases, otherwise any port.
  std::uint16_t choose(const std::vector<std::uint16_t>& candidates) {
    return dice.chance(0.6) ? candidates.front() : dice.of(candidates);
  }

  Executor executor;
  const Population& population;
  const Ports ports;
  Dice dice;
  Histories histories;
  std::map<int, int> statuses;                       // counts of REST answers by status
  std::size_t upload_bytes_left = upload_bytes_max;  // without any, no client uploads
  bool active = true;  // clients send new requests, streams close and reopen
  bool stopping = false;
  int clients = 0;  // running
  int pending = 0;  // messages and changes
};

}  // namespace fechatter::chaos
