#include "notify_server/log/event_log.hpp"

#include <gtest/gtest.h>

#include "tests/notify/events.hpp"

namespace fechatter::notify {
namespace {

using Holding = EventLog::Holding;

EventPtr event_at(Position position) {
  const auto id = static_cast<std::int64_t>(position.stream_seq);
  return make_event(test::in_chat(test::lunch, id), position);
}

EventLog log_of_epoch_1(std::uint64_t after, std::uint64_t last, EventLog::Limits limits = {}) {
  EventLog log{limits};
  log.restart({1, after}, {});
  for (auto seq = after + 1; seq <= last; ++seq) log.append(event_at({1, seq}));
  return log;
}

TEST(EventLog, HoldsWhatCameAfterItsBeginning) {
  const auto log = log_of_epoch_1(10, 20);
  EXPECT_EQ(log.holding_after({1, 10}), Holding::held);
  EXPECT_EQ(log.holding_after({1, 15}), Holding::held);
  EXPECT_EQ(log.holding_after({1, 20}), Holding::held);
}

TEST(EventLog, WhatCameBeforeItsBeginningIsBehind) {
  EXPECT_EQ(log_of_epoch_1(10, 20).holding_after({1, 9}), Holding::behind);
}

TEST(EventLog, AnOlderEpochIsGoneAndANewerOneAhead) {
  auto log = log_of_epoch_1(10, 20);
  log.restart({2, 0}, {});
  EXPECT_EQ(log.holding_after({1, 15}), Holding::gone);
  EXPECT_EQ(log.holding_after({3, 1}), Holding::ahead);
}

TEST(EventLog, ALaterSequenceIsAhead) {
  EXPECT_EQ(log_of_epoch_1(10, 20).holding_after({1, 21}), Holding::ahead);
}

TEST(EventLog, AfterGivesEachLaterEventInOrder) {
  const auto log = log_of_epoch_1(0, 5);
  std::vector<std::uint64_t> found;
  for (auto it = log.after(2); it != log.end(); ++it) found.push_back((*it)->position.stream_seq);
  EXPECT_EQ(found, (std::vector<std::uint64_t>{3, 4, 5}));
}

TEST(EventLog, APositionWithoutAnEventCountsAsHeld) {
  auto log = log_of_epoch_1(0, 5);
  log.advance({1, 9});
  EXPECT_EQ(log.holding_after({1, 7}), Holding::held);
  EXPECT_EQ(log.after(7), log.end());
}

TEST(EventLog, BeyondItsEventsTheOldestGo) {
  const auto log = log_of_epoch_1(0, 10, {4, 1'000'000});
  EXPECT_EQ(log.size(), 4U);
  EXPECT_EQ(log.holding_after({1, 6}), Holding::held);
  EXPECT_EQ(log.holding_after({1, 5}), Holding::behind);
}

TEST(EventLog, BeyondItsBytesTheOldestGo) {
  const auto one = event_at({1, 1})->frame.size();
  const auto log = log_of_epoch_1(0, 5, {100, one * 2});
  EXPECT_EQ(log.size(), 2U);
  EXPECT_LE(log.bytes(), one * 2);
}

}  // namespace
}  // namespace fechatter::notify
