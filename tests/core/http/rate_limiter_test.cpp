#include "fechatter_core/http/rate_limiter.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace fechatter::http {
namespace {

using namespace std::chrono_literals;

// Five at once, and one a second after that.
class TokenBuckets : public testing::Test {
 protected:
  int take_while_allowed(std::string_view key) {
    int taken = 0;
    while (limiter.charge(key).allowed) ++taken;
    return taken;
  }

  RateLimiter::Clock::time_point time = RateLimiter::Clock::now();
  RateLimiter limiter{Quota{60, 1min, 5}, 3, [this] { return time; }};
};

TEST_F(TokenBuckets, AllowABurstAndThenNoMore) {
  EXPECT_EQ(take_while_allowed("alice"), 5);
  EXPECT_FALSE(limiter.charge("alice").allowed);
}

TEST_F(TokenBuckets, SeveralTokensAreChargedTogetherOrNotAtAll) {
  EXPECT_EQ(limiter.charge("alice", 3).remaining, 2);
  const auto refused = limiter.charge("alice", 4);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.remaining, 2);
  EXPECT_EQ(refused.retry_after, 2s);
  time += 2s;
  EXPECT_TRUE(limiter.charge("alice", 4).allowed);
}

TEST_F(TokenBuckets, MoreTokensThanTheBurstEmptyAFullBucket) {
  EXPECT_EQ(limiter.charge("alice", 1'000'000'000).remaining, 0);
  const auto refused = limiter.charge("alice", 1'000'000'000);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after, 5s);
}

TEST_F(TokenBuckets, ADebitEmptiesABucketForLonger) {
  limiter.debit(7, 3);
  EXPECT_EQ(limiter.peek(7).remaining, 1);
  limiter.debit(7, 4);
  EXPECT_FALSE(limiter.peek(7).allowed);
  EXPECT_EQ(limiter.peek(7).remaining, 0);
  EXPECT_EQ(limiter.peek(7).retry_after, 3s);
  time += 3s;
  EXPECT_TRUE(limiter.peek(7).allowed);
}

TEST_F(TokenBuckets, DebitsNeverLastLongerThanTwoBursts) {
  for (int i = 0; i < 10; ++i) limiter.debit(7, 1'000'000'000);
  EXPECT_EQ(limiter.peek(7).retry_after, 6s);
}

TEST_F(TokenBuckets, FillEvenly) {
  take_while_allowed("alice");
  time += 999ms;
  EXPECT_FALSE(limiter.charge("alice").allowed);
  time += 1ms;
  EXPECT_TRUE(limiter.charge("alice").allowed);
  EXPECT_FALSE(limiter.charge("alice").allowed);
  time += 3s;
  EXPECT_EQ(take_while_allowed("alice"), 3);
}

TEST_F(TokenBuckets, NeverHoldMoreThanABurst) {
  take_while_allowed("alice");
  time += 24h;
  EXPECT_EQ(take_while_allowed("alice"), 5);
}

TEST_F(TokenBuckets, BelongToOneKeyEach) {
  take_while_allowed("mallory");
  EXPECT_EQ(take_while_allowed("alice"), 5);
  EXPECT_EQ(limiter.charge(std::uint64_t{1}).remaining, 4);
}

TEST_F(TokenBuckets, SayWhatIsLeftAndWhenTheyAreFull) {
  const auto first = limiter.charge("alice");
  EXPECT_TRUE(first.allowed);
  EXPECT_EQ(first.remaining, 4);
  EXPECT_EQ(first.full_after, 1s);
  EXPECT_EQ(first.retry_after, 0s);
  limiter.charge("alice");
  time += 1500ms;
  const auto third = limiter.charge("alice");
  EXPECT_EQ(third.remaining, 3);
  EXPECT_EQ(third.full_after, 2s);
}

TEST_F(TokenBuckets, SayWhenToComeAgainAndAreRightAboutIt) {
  RateLimiter slow{Quota{2, 1min, 1}, 3, [this] { return time; }};
  EXPECT_TRUE(slow.charge("alice").allowed);
  time += 500ms;
  const auto refused = slow.charge("alice");
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.remaining, 0);
  EXPECT_EQ(refused.retry_after, 30s);
  EXPECT_EQ(slow.window(), 30s);
  time += refused.retry_after;
  EXPECT_TRUE(slow.charge("alice").allowed);
}

TEST_F(TokenBuckets, AreNotChargedForARefusal) {
  take_while_allowed("alice");
  for (int i = 0; i < 100; ++i) limiter.charge("alice");
  time += 1s;
  EXPECT_TRUE(limiter.charge("alice").allowed);
}

TEST_F(TokenBuckets, AreForgottenWhenTheyAreFull) {
  limiter.charge("alice");
  limiter.charge("bob");
  EXPECT_EQ(limiter.buckets(), 2U);
  time += 1s;
  limiter.charge("carol");
  EXPECT_EQ(limiter.buckets(), 1U);
}

TEST_F(TokenBuckets, AreNeverMoreThanTheLimit) {
  for (std::uint64_t key = 0; key < 1000; ++key) limiter.charge(key);
  EXPECT_EQ(limiter.buckets(), 3U);
}

TEST_F(TokenBuckets, ThatAreEmptyOutliveManyFullerOnes) {
  take_while_allowed("mallory");
  for (std::uint64_t key = 0; key < 1000; ++key) limiter.charge(key);
  EXPECT_FALSE(limiter.charge("mallory").allowed);
}

TEST_F(TokenBuckets, MayBeVeryFine) {
  RateLimiter fine{Quota{1'000'000'000, 1min, 1'000'000'000}, 3, [this] { return time; }};
  EXPECT_EQ(fine.charge("alice").remaining, 999'999'999);
  EXPECT_EQ(fine.window(), 60s);
}

TEST(TokenBucketsOfManyThreads, GiveOutWhatTheyHaveAndNoMore) {
  const auto time = RateLimiter::Clock::now();
  RateLimiter limiter{Quota{1, 1h, 1000}, 10, [time] { return time; }};
  std::atomic<int> taken = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 500; ++k) taken += limiter.charge("alice").allowed ? 1 : 0;
    });
  }
  threads.clear();
  EXPECT_EQ(taken, 1000);
}

}  // namespace
}  // namespace fechatter::http
