#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "tests/model/world.hpp"
#include "tests/support/system.hpp"

namespace fechatter::model {
namespace {

using namespace std::chrono_literals;

// FECHATTER_MODEL_SEQUENCES and FECHATTER_MODEL_SEED: how many, and the seed of the first one. A
// sequence is repeated with its own seed and a count of 1; what the servers do meanwhile, and when,
// is not.
std::uint64_t setting(const char* name, std::uint64_t by_default) {
  const auto* text = std::getenv(name);
  return text == nullptr ? by_default : std::stoull(text);
}

// Sequences wait for the servers most of the time, so that many run at once.
constexpr int threads = 12;
constexpr auto kill_every = 5s;

// Two instances of each server. One thread may kill and start them while others talk to them.
class StateByEvents : public testing::Test {
 protected:
  StateByEvents() {
    second_server.start();
    second_notify.start();
  }
  Instances instances() const {
    return {{system.server.port(), second_server.port()},
            {system.notify.port(), second_notify.port()},
            system.database->owner_url()};
  }
  static void restart(test::Server& victim) {
    try {
      victim.kill();
      victim.start();
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
  }
  // Kills one instance after the other, and starts it again.
  void kill_in_turn(const std::atomic<bool>& done) {
    test::Server* const victims[] = {&system.notify, &second_server, &second_notify,
                                     &system.server};
    auto next = std::chrono::steady_clock::now() + kill_every;
    for (std::size_t i = 0; !done;) {
      std::this_thread::sleep_for(100ms);
      if (std::chrono::steady_clock::now() < next) continue;
      restart(*victims[i++ % std::size(victims)]);
      next = std::chrono::steady_clock::now() + kill_every;
    }
  }
  static void run_one(const Instances& on, std::uint64_t seed) {
    try {
      World world{on, seed};
      const auto differences = world.run();
      EXPECT_TRUE(differences.empty()) << differences;
    } catch (const std::exception& error) {
      ADD_FAILURE() << "seed " << seed << ": " << error.what();
    }
  }

  test::System system;
  test::Server second_server = system.another_server();
  test::Server second_notify = system.another_notify();
};

TEST_F(StateByEvents, IsThatByRestAfterRandomActions) {
  const auto first = setting("FECHATTER_MODEL_SEED", 1);
  const auto end = first + setting("FECHATTER_MODEL_SEQUENCES", 200);
  const auto on = instances();
  std::atomic<std::uint64_t> next{first};
  std::atomic<bool> done{false};
  std::thread nemesis{[&] { kill_in_turn(done); }};
  std::vector<std::thread> workers;
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([&] {
      // After a failure the rest would only hide it.
      while (!HasFailure()) {
        const auto seed = next++;
        if (seed >= end) return;
        run_one(on, seed);
      }
    });
  }
  for (auto& worker : workers) worker.join();
  done = true;
  nemesis.join();
}

}  // namespace
}  // namespace fechatter::model
