#include "fechatter_server/auth/failure_delays.hpp"

#include <gmock/gmock.h>

#include "fechatter_core/error.hpp"

namespace fechatter::server {
namespace {

using namespace std::chrono_literals;

class FailureDelaysTest : public testing::Test {
 protected:
  // The seconds to wait of a try that fails; 0: it was let through.
  std::int64_t fails(const std::string& account = "alice") {
    try {
      delays.begin(account).failed();
      return 0;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::rate_limited);
      return error.retry_after().value_or(0s).count();
    }
  }
  // The delay after the next failure, when that of the one before is over.
  std::int64_t next_delay() {
    EXPECT_EQ(fails(), 0);
    const auto delay = fails();
    time += std::chrono::seconds{delay};
    return delay;
  }

  FailureDelays::Clock::time_point time{5h};
  FailureDelays delays{{.free = 3, .delay_max = 8s, .accounts_max = 4}, [this] { return time; }};
};

TEST_F(FailureDelaysTest, RiseAfterTheFreeFailuresUpToTheLargest) {
  EXPECT_EQ(fails(), 0);
  EXPECT_EQ(fails(), 0);
  std::vector<std::int64_t> all;
  for (int i = 0; i < 6; ++i) all.push_back(next_delay());
  EXPECT_THAT(all, testing::ElementsAre(1, 2, 4, 8, 8, 8));
}

TEST_F(FailureDelaysTest, ARefusedTryIsNoFailure) {
  for (int i = 0; i < 3; ++i) fails();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(fails(), 1);
  time += 1s;
  EXPECT_EQ(fails(), 0);
  EXPECT_EQ(fails(), 2);
}

TEST_F(FailureDelaysTest, CountTriesThatAreUnderWay) {
  auto first = delays.begin("alice");
  auto second = delays.begin("alice");
  auto third = delays.begin("alice");
  EXPECT_EQ(fails(), 1);
}

TEST_F(FailureDelaysTest, ForgetATryWithoutAVerdict) {
  for (int i = 0; i < 100; ++i) delays.begin("alice");
  EXPECT_EQ(delays.accounts(), 0);
  fails();
  fails();
  delays.begin("alice");  // one more would be the last free one
  EXPECT_EQ(fails(), 0);
  EXPECT_EQ(fails(), 1);
}

TEST_F(FailureDelaysTest, AreOfOneAccount) {
  for (int i = 0; i < 3; ++i) fails();
  EXPECT_EQ(fails("bob"), 0);
}

TEST_F(FailureDelaysTest, AreForgottenWhenASignInSucceeds) {
  for (int i = 0; i < 3; ++i) fails();
  EXPECT_EQ(fails(), 1);
  delays.forget("alice");
  EXPECT_EQ(fails(), 0);
  EXPECT_EQ(fails(), 0);
}

TEST_F(FailureDelaysTest, AreForgottenAnHourAfterTheyAreOver) {
  for (int i = 0; i < 3; ++i) fails();
  time += 1h + 1s;
  EXPECT_EQ(fails("bob"), 0);
  EXPECT_EQ(delays.accounts(), 1);
}

TEST_F(FailureDelaysTest, OfInventedAccountsDoNotEvictOneWithALongDelay) {
  for (int i = 0; i < 3; ++i) fails();
  for (int i = 0; i < 100; ++i) fails("invented " + std::to_string(i));
  EXPECT_EQ(delays.accounts(), 4);
  EXPECT_EQ(fails(), 1);
}

TEST(FailureDelays, CanBeOff) {
  FailureDelays delays{{.enabled = false, .free = 1}};
  for (int i = 0; i < 100; ++i) EXPECT_NO_THROW(delays.begin("alice").failed());
}

}  // namespace
}  // namespace fechatter::server
