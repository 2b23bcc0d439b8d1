#include <gmock/gmock.h>

#include "fechatter_core/nats/jetstream.hpp"
#include "tests/support/services.hpp"

namespace fechatter::nats {
namespace {

constexpr std::int64_t mebibyte = 1024 * 1024;

class StreamLimits : public testing::Test {
 protected:
  StreamSettings limits(std::int64_t max_bytes) const {
    StreamSettings settings;
    settings.max_age = std::chrono::hours{5};
    settings.max_bytes = max_bytes;
    return settings;
  }
  std::unique_ptr<jsStreamInfo, Destroyer<jsStreamInfo, jsStreamInfo_Destroy>> info() {
    jsCtx* raw = nullptr;
    check(natsConnection_JetStream(&raw, connection.raw(), nullptr), "jetstream");
    const std::unique_ptr<jsCtx, Destroyer<jsCtx, jsCtx_Destroy>> context{raw};
    jsStreamInfo* found = nullptr;
    check(js_GetStreamInfo(&found, raw, event::stream_name, nullptr, nullptr), "info");
    return std::unique_ptr<jsStreamInfo, Destroyer<jsStreamInfo, jsStreamInfo_Destroy>>{found};
  }
  void publish_mebibytes(int count) {
    const std::string half(mebibyte / 2, 'x');
    for (int i = 0; i < 2 * count; ++i) {
      connection.publish(event::subject_of(WorkspaceId{1}, ChatId{1}, "T"), half);
      connection.ping(std::chrono::seconds{5});
    }
  }

  test::NatsServer nats;
  Connection connection{{nats.url(), "test"}};
};

TEST_F(StreamLimits, AFullStreamLosesItsOldestMessagesAndTakesNewOnes) {
  JetStream stream{connection, limits(64 * mebibyte)};
  stream.create();
  publish_mebibytes(80);
  test::wait_until_stored(stream, 160);
  const auto state = stream.find_state();
  ASSERT_TRUE(state);
  EXPECT_EQ(state->last_seq, 160U);
  EXPECT_GT(state->first_seq, 1U);
  EXPECT_FALSE(state->has_hole());
}

TEST_F(StreamLimits, AnExistingStreamGetsThoseOfTheSettings) {
  JetStream{connection, limits(256 * mebibyte)}.create();
  publish_mebibytes(80);
  JetStream stream{connection, limits(64 * mebibyte)};
  stream.apply_limits();
  EXPECT_EQ(info()->Config->MaxBytes, 64 * mebibyte);
  EXPECT_EQ(info()->Config->MaxAge, std::chrono::nanoseconds{std::chrono::hours{5}}.count());
  const auto state = stream.find_state();
  ASSERT_TRUE(state);
  EXPECT_EQ(state->last_seq, 160U);
  EXPECT_GT(state->first_seq, 1U);
}

TEST_F(StreamLimits, WithoutAStreamThereIsNothingToLimit) {
  JetStream stream{connection};
  stream.apply_limits();
  EXPECT_FALSE(stream.find_state());
}

// nats-server 2.9 takes the number, later ones refuse it.
TEST_F(StreamLimits, ReplicasWithoutServersForThemChangeNothingElse) {
  JetStream{connection, limits(256 * mebibyte)}.create();
  auto settings = limits(64 * mebibyte);
  settings.replicas = 3;
  JetStream{connection, settings}.apply_limits();
  EXPECT_EQ(info()->Config->MaxBytes, 64 * mebibyte);
}

// Far more than any disk has.
TEST_F(StreamLimits, AServerWithLessRoomGetsASmallerStream) {
  constexpr auto huge = std::int64_t{1} << 52;
  JetStream stream{connection, limits(huge)};
  stream.create();
  EXPECT_LT(info()->Config->MaxBytes, huge);
  EXPECT_GE(info()->Config->MaxBytes, 64 * mebibyte);
}

}  // namespace
}  // namespace fechatter::nats
