#include "fechatter_core/nats/realtime_channel.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "fechatter_core/event/envelope.hpp"
#include "tests/support/services.hpp"

namespace fechatter::nats {
namespace {

// Without the wait, what is published at once is dropped.
TEST(RealtimeChannel, WhatIsPublishedOnceBothAreConnectedArrives) {
  const test::NatsServer nats;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  for (int i = 0; i < 20; ++i) {
    std::atomic<bool> received{false};
    RealtimeChannel there{nats.as_notify("there"),
                          event::activity_subject,
                          {.on_message = [&](std::string_view) { received = true; }}};
    RealtimeChannel here{nats.as_server("here"), event::activity_subject, {}};
    ASSERT_TRUE(there.wait_until_connected(deadline));
    ASSERT_TRUE(here.wait_until_connected(deadline));
    here.publish("text");
    EXPECT_TRUE(test::eventually([&] { return received.load(); }));
  }
}

TEST(RealtimeChannel, WithoutNatsTheWaitEndsAtItsTimeAndWithTheChannel) {
  test::NatsServer nats;
  nats.kill();
  RealtimeChannel channel{nats.as_server("test"), event::activity_subject, {}};
  const auto soon = std::chrono::steady_clock::now() + std::chrono::milliseconds{50};
  EXPECT_FALSE(channel.wait_until_connected(soon));
  nats.start();
  const auto later = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  EXPECT_TRUE(channel.wait_until_connected(later));
  channel.stop();
  EXPECT_FALSE(channel.wait_until_connected(later));
}

}  // namespace
}  // namespace fechatter::nats
