#include <gmock/gmock.h>

#include "fechatter_core/nats/jetstream.hpp"
#include "tests/support/services.hpp"

namespace fechatter::nats {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A stream with the messages "1", "2" … "3000".
class JetStreamRange : public testing::Test {
 protected:
  JetStreamRange() {
    stream.create();
    for (int i = 1; i <= 3000; ++i) {
      connection.publish(event::subject_of(WorkspaceId{1}, ChatId{1}, "T"), std::to_string(i));
    }
    connection.ping(std::chrono::seconds{5});
  }
  std::vector<std::string> read(std::uint64_t first, std::uint64_t last) {
    std::vector<std::string> data;
    for (const auto& message : stream.read_range(first, last)) data.push_back(message.data);
    return data;
  }
  // The consumers of the stream.
  std::int64_t consumers() {
    jsStreamInfo* info = nullptr;
    jsCtx* context = nullptr;
    natsConnection_JetStream(&context, connection.raw(), nullptr);
    js_GetStreamInfo(&info, context, event::stream_name, nullptr, nullptr);
    const auto count = info->State.Consumers;
    jsStreamInfo_Destroy(info);
    jsCtx_Destroy(context);
    return count;
  }

  test::NatsServer nats;
  Connection connection{{nats.url(), "test"}};
  JetStream stream{connection};
};

TEST_F(JetStreamRange, MessagesComeInOrderFromTheFirstToTheLast) {
  EXPECT_THAT(read(5, 7), ElementsAre("5", "6", "7"));
}

TEST_F(JetStreamRange, ALongRangeIsComplete) {
  const auto data = read(1, 3000);
  ASSERT_EQ(data.size(), 3000U);
  for (int i = 0; i < 3000; ++i)
    EXPECT_EQ(data[static_cast<std::size_t>(i)], std::to_string(i + 1));
}

TEST_F(JetStreamRange, ARangeEndsAtTheHead) {
  EXPECT_THAT(read(2999, 4000), ElementsAre("2999", "3000"));
}

TEST_F(JetStreamRange, RemovedMessagesAreLeftOut) {
  stream.purge(6);
  EXPECT_THAT(read(5, 8), ElementsAre("7", "8"));
  EXPECT_THAT(read(5, 6), IsEmpty());
}

// Nothing comes, as from a server that is slow; but nothing is pending either.
TEST_F(JetStreamRange, ARangeOfRemovedMessagesAtTheEndIsEmpty) {
  stream.purge(3000);
  EXPECT_THAT(read(2990, 3000), IsEmpty());
}

TEST_F(JetStreamRange, TheConsumerOfARangeIsDeleted) {
  for (int i = 0; i < 5; ++i) read(1, 2);
  EXPECT_TRUE(test::eventually([this] { return consumers() == 0; }, std::chrono::seconds{2}));
}

}  // namespace
}  // namespace fechatter::nats
