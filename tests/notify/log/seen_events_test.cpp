#include "notify_server/log/seen_events.hpp"

#include <gtest/gtest.h>

namespace fechatter::notify {
namespace {

TEST(SeenEvents, AnEventIsNewOnce) {
  SeenEvents seen;
  EXPECT_TRUE(seen.insert(EventId{5}));
  EXPECT_FALSE(seen.insert(EventId{5}));
}

TEST(SeenEvents, TheOrderDoesNotMatter) {
  SeenEvents seen;
  for (const int id : {1000, 1002, 999, 1001}) EXPECT_TRUE(seen.insert(EventId{id})) << id;
  for (const int id : {999, 1000, 1001, 1002}) EXPECT_FALSE(seen.insert(EventId{id})) << id;
}

TEST(SeenEvents, WhatIsOlderThanTheWindowCountsAsSeen) {
  SeenEvents seen{128};
  seen.insert(EventId{1000});
  EXPECT_FALSE(seen.insert(EventId{1000 - 128}));
  EXPECT_TRUE(seen.insert(EventId{1000 - 127}));
}

TEST(SeenEvents, AnIdThatSharesItsBitWithAnOldOneIsNew) {
  SeenEvents seen{128};
  seen.insert(EventId{10});
  EXPECT_TRUE(seen.insert(EventId{10 + 128}));
}

TEST(SeenEvents, IdsThatWereJumpedOverAreNew) {
  SeenEvents seen{128};
  for (int id = 1; id <= 128; ++id) seen.insert(EventId{id});
  seen.insert(EventId{200});
  for (int id = 129; id < 200; ++id) EXPECT_TRUE(seen.insert(EventId{id})) << id;
  EXPECT_FALSE(seen.insert(EventId{100}));
}

TEST(SeenEvents, AJumpBeyondTheWindowForgetsEverything) {
  SeenEvents seen{128};
  for (int id = 1; id <= 128; ++id) seen.insert(EventId{id});
  seen.insert(EventId{1'000'000});
  for (int id = 1'000'000 - 127; id < 1'000'000; ++id) {
    EXPECT_TRUE(seen.insert(EventId{id})) << id;
  }
}

}  // namespace
}  // namespace fechatter::notify
