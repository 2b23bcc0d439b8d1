#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <cstdlib>

#include "tests/simulator/world.hpp"

// FECHATTER_SIMULATOR_SEED=<seed> runs that seed alone and prints its trace;
// FECHATTER_SIMULATOR_SEEDS=<count> runs so many instead of 10,000.
// docs/guarantees.md says which seeds fail when a mechanism is removed.
namespace fechatter::simulator {
namespace {

constexpr std::uint64_t parts = 10;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

#if defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t seeds = 500;
#else
constexpr std::uint64_t seeds = 10'000;
#endif

class Seeds : public testing::TestWithParam<std::uint64_t> {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "one thread, on several stacks";
#endif
    spdlog::set_level(spdlog::level::off);
  }
};

TEST_P(Seeds, DeliverEveryEventOnceAndInOrder) {
  if (const auto seed = number_from("FECHATTER_SIMULATOR_SEED", 0)) {
    spdlog::set_level(spdlog::level::info);
    EXPECT_EQ(World(seed, true).run(), "");
    return;
  }
  const auto each = number_from("FECHATTER_SIMULATOR_SEEDS", seeds) / parts;
  int failures = 0;
  for (auto seed = GetParam() * each + 1; seed <= (GetParam() + 1) * each; ++seed) {
    const auto broken = World(seed).run();
    EXPECT_EQ(broken, "") << "FECHATTER_SIMULATOR_SEED=" << seed;
    if (!broken.empty() && ++failures == 3) break;
  }
}

INSTANTIATE_TEST_SUITE_P(Part, Seeds, testing::Range(std::uint64_t{0}, parts));

}  // namespace
}  // namespace fechatter::simulator
