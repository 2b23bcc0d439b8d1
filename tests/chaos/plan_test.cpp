#include "tests/chaos/plan.hpp"

#include <gmock/gmock.h>

#include <map>
#include <set>
#include <tuple>

namespace fechatter::chaos {
namespace {

PlanOptions long_plan(std::uint64_t seed) {
  PlanOptions options;
  options.seed = seed;
  options.kinds = fault_kinds();
  options.length = std::chrono::minutes{20};
  return options;
}

std::vector<std::tuple<std::int64_t, std::string, std::size_t>> summary_of(
    const std::vector<Planned>& plan) {
  std::vector<std::tuple<std::int64_t, std::string, std::size_t>> all;
  for (const auto& planned : plan) {
    all.emplace_back(planned.at.count(), planned.kind, planned.target);
  }
  return all;
}

TEST(FaultPlan, TheSameSeedMakesTheSamePlan) {
  EXPECT_EQ(summary_of(make_plan(long_plan(7))), summary_of(make_plan(long_plan(7))));
}

TEST(FaultPlan, AnotherSeedMakesAnotherPlan) {
  EXPECT_NE(summary_of(make_plan(long_plan(7))), summary_of(make_plan(long_plan(8))));
}

TEST(FaultPlan, ALongPlanHasEveryKindOfFault) {
  std::set<std::string> kinds;
  for (const auto& planned : make_plan(long_plan(7))) kinds.insert(planned.kind);
  EXPECT_EQ(kinds, std::set(fault_kinds().begin(), fault_kinds().end()));
}

TEST(FaultPlan, PowerCutsComeWhenTheyAreAskedForAndDoNotOverlap) {
  auto options = long_plan(7);
  options.kinds = {power_cut};
  std::chrono::milliseconds until{0};
  const auto plan = make_plan(options);
  EXPECT_GT(plan.size(), 100U);
  for (const auto& planned : plan) {
    EXPECT_EQ(planned.kind, power_cut);
    EXPECT_GE(planned.at, until);
    until = planned.at + planned.lasts;
  }
}

TEST(FaultPlan, APlanHasOnlyThePermittedKinds) {
  auto options = long_plan(7);
  options.kinds = {"stop"};
  for (const auto& planned : make_plan(options)) EXPECT_EQ(planned.kind, "stop");
}

TEST(FaultPlan, ALongPlanReachesEveryProcess) {
  auto options = long_plan(7);
  options.kinds = {"kill"};
  std::set<std::size_t> targets;
  for (const auto& planned : make_plan(options)) targets.insert(planned.target);
  EXPECT_EQ(targets.size(), options.processes);
}

TEST(FaultPlan, FaultsOfAProcessDoNotOverlap) {
  auto options = long_plan(7);
  options.kinds = {"stop"};
  std::map<std::size_t, std::chrono::milliseconds> until;
  for (const auto& planned : make_plan(options)) {
    EXPECT_GE(planned.at, until[planned.target]);
    until[planned.target] = planned.at + planned.lasts;
  }
}

}  // namespace
}  // namespace fechatter::chaos
