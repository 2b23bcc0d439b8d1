#include "notify_server/stream/pending.hpp"

#include <gtest/gtest.h>

#include <array>

namespace fechatter::notify {
namespace {

std::string next_bytes(const Pending& pending) {
  std::array<iovec, 16> pieces{};
  std::string bytes;
  const auto used = pending.gather(pieces.data(), pieces.size());
  for (std::size_t i = 0; i < used; ++i) {
    bytes.append(static_cast<const char*>(pieces.at(i).iov_base), pieces.at(i).iov_len);
  }
  return bytes;
}

TEST(Pending, FramesAreGatheredInOrder) {
  Pending pending;
  for (const auto* text : {"one ", "two ", "three"}) pending.push(make_frame(text));
  EXPECT_EQ(next_bytes(pending), "one two three");
}

TEST(Pending, TheRestFollowsAfterAnyPartialWrite) {
  const std::string whole = "one two three";
  for (std::size_t first = 0; first <= whole.size(); ++first) {
    Pending pending;
    for (const auto* text : {"one ", "two ", "three"}) pending.push(make_frame(text));
    pending.consume(first);
    EXPECT_EQ(next_bytes(pending), whole.substr(first));
    EXPECT_EQ(pending.bytes(), whole.size() - first);
  }
}

TEST(Pending, ASentFrameIsReleased) {
  Pending pending;
  const auto first = make_frame("one");
  pending.push(first);
  pending.push(make_frame("two"));
  pending.consume(3);
  EXPECT_EQ(first.use_count(), 1);
}

TEST(Pending, AQueueThatIsNeverEmptyDoesNotGrow) {
  Pending pending;
  pending.push(make_frame("abc"));
  for (int i = 0; i < 10'000; ++i) {
    pending.push(make_frame("abc"));
    pending.consume(3);
  }
  EXPECT_EQ(pending.count(), 1U);
  EXPECT_LT(pending.capacity(), 1000U);
}

}  // namespace
}  // namespace fechatter::notify
