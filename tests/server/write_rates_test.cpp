#include "fechatter_server/write_rates.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace fechatter::server {
namespace {

using namespace std::chrono_literals;

auth::Identity person(std::int64_t user, std::int64_t workspace) {
  auth::Identity identity;
  identity.user_id = UserId{user};
  identity.workspace_id = WorkspaceId{workspace};
  return identity;
}

class RatesOfWrites : public testing::Test {
 protected:
  RatesOfWrites() {
    settings.members = {2, 1min, 2};
    settings.profiles = {1, 1min, 1};
    settings.chats = {3, 1min, 3};
    settings.invitations = {4, 1min, 4};
    settings.user_rows = {10, 1s, 100};
    settings.workspace_rows = {100, 1s, 150};
  }
  bool allowed(const auth::Identity& user, Write kind, std::size_t rows = 1) {
    try {
      rates->charge(user, kind, rows);
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::rate_limited);
      return false;
    }
  }
  void start(bool enabled = true) {
    rates.emplace(settings, enabled, 100, [this] { return time; });
  }

  WriteRateSettings settings;
  http::RateLimiter::Clock::time_point time = http::RateLimiter::Clock::now();
  std::optional<WriteRates> rates;
  const auth::Identity alice = person(1, 1);
  const auth::Identity bob = person(2, 1);
  const auth::Identity mallory = person(3, 2);
};

TEST_F(RatesOfWrites, EachKindHasARateOfItsOwn) {
  start();
  const std::pair<Write, int> kinds[] = {
      {Write::members, 2}, {Write::profile, 1}, {Write::chat, 3}, {Write::invitation, 4}};
  for (const auto& [kind, count] : kinds) {
    for (int i = 0; i < count; ++i) EXPECT_TRUE(allowed(alice, kind));
    EXPECT_FALSE(allowed(alice, kind));
    EXPECT_TRUE(allowed(bob, kind));
  }
  EXPECT_TRUE(allowed(alice, Write::other));
}

TEST_F(RatesOfWrites, ARequestCostsTheRowsThatItWrites) {
  start();
  EXPECT_TRUE(allowed(alice, Write::members, 95));
  EXPECT_FALSE(allowed(alice, Write::chat, 6));
  EXPECT_TRUE(allowed(alice, Write::other, 5));
  EXPECT_FALSE(allowed(alice, Write::other));
  time += 100ms;
  EXPECT_TRUE(allowed(alice, Write::other));
}

TEST_F(RatesOfWrites, TheUsersOfAWorkspaceShareItsRowsAndLeaveThoseOfOthers) {
  start();
  EXPECT_TRUE(allowed(alice, Write::other, 100));
  EXPECT_TRUE(allowed(bob, Write::other, 50));
  EXPECT_FALSE(allowed(bob, Write::other));
  EXPECT_TRUE(allowed(mallory, Write::other, 100));
}

TEST_F(RatesOfWrites, ARefusedUserTakesNothingFromTheWorkspace) {
  start();
  EXPECT_TRUE(allowed(alice, Write::other, 100));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(allowed(alice, Write::other));
  EXPECT_TRUE(allowed(bob, Write::other, 50));
}

TEST_F(RatesOfWrites, ARefusalSaysWhenToComeAgain) {
  start();
  rates->charge(alice, Write::profile);
  try {
    rates->charge(alice, Write::profile);
    FAIL() << "was allowed";
  } catch (const Error& error) {
    EXPECT_EQ(error.retry_after(), 60s);
  }
}

TEST_F(RatesOfWrites, NothingIsLimitedWhenLimitsAreOff) {
  start(false);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(allowed(alice, Write::profile, 1000));
}

}  // namespace
}  // namespace fechatter::server
