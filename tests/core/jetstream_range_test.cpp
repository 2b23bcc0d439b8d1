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
    test::wait_until_stored(stream, 3000);
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

TEST_F(JetStreamRange, OfAWorkspaceOnlyItsMessagesAreRead) {
  for (const int workspace : {2, 22, 2, 222, 2}) {
    connection.publish(event::subject_of(WorkspaceId{workspace}, ChatId{1}, "T"),
                       std::to_string(workspace));
  }
  test::wait_until_stored(stream, 3005);
  const auto range = stream.read_workspace(WorkspaceId{2}, 1, {});
  ASSERT_EQ(range.messages.size(), 3U);
  for (const auto& message : range.messages) EXPECT_EQ(message.data, "2");
  EXPECT_EQ(range.messages[1].stream_seq, 3003U);
  EXPECT_TRUE(range.complete);
  const auto rest = stream.read_workspace(WorkspaceId{2}, 3002, {});
  EXPECT_EQ(rest.messages.size(), 2U);
  const auto nothing = stream.read_workspace(WorkspaceId{3}, 1, {});
  EXPECT_THAT(nothing.messages, IsEmpty());
  EXPECT_TRUE(nothing.complete);
}

TEST_F(JetStreamRange, AReadOfAWorkspaceIsBoundedByMessagesAndByBytes) {
  const auto by_messages = stream.read_workspace(WorkspaceId{1}, 1, {700, 1024 * 1024});
  ASSERT_EQ(by_messages.messages.size(), 700U);
  EXPECT_EQ(by_messages.messages.back().data, "700");
  EXPECT_FALSE(by_messages.complete);
  const std::string large(100 * 1024, 'x');
  for (int i = 0; i < 64; ++i) {
    connection.publish(event::subject_of(WorkspaceId{5}, ChatId{1}, "T"), large);
  }
  test::wait_until_stored(stream, 3064);
  const auto by_bytes = stream.read_workspace(WorkspaceId{5}, 1, {512, 1024 * 1024});
  EXPECT_LE(by_bytes.messages.size(), 16U);
  EXPECT_FALSE(by_bytes.complete);
  EXPECT_EQ(stream.read_workspace(WorkspaceId{5}, 1, {1, 1024 * 1024}).messages.size(), 1U);
}

// Nothing comes, as from a server that is slow; but nothing is pending either.
TEST_F(JetStreamRange, ARangeOfRemovedMessagesAtTheEndIsEmpty) {
  stream.purge(3000);
  EXPECT_THAT(read(2990, 3000), IsEmpty());
}

TEST_F(JetStreamRange, TheConsumerOfARangeIsDeleted) {
  for (int i = 0; i < 5; ++i) read(1, 2);
  for (int i = 0; i < 5; ++i) stream.read_workspace(WorkspaceId{1}, 1, {2, 1024});
  EXPECT_TRUE(test::eventually([this] { return consumers() == 0; }, std::chrono::seconds{2}));
}

TEST_F(JetStreamRange, ErasedMessagesAreMissingAndTheirSequencesAreNotUsedAgain) {
  for (const std::uint64_t seq : {2998, 3000, 3000}) stream.erase(seq);
  EXPECT_THAT(stream.find_missing(), ElementsAre(2998U, 3000U));
  EXPECT_EQ(stream.find_state()->last_seq, 3000U);
  EXPECT_THAT(read(2997, 3000), ElementsAre("2997", "2999"));
  EXPECT_THAT(read(3000, 3000), IsEmpty());
  // At the beginning the stream begins later.
  stream.erase(1);
  EXPECT_EQ(stream.find_state()->first_seq, 2U);
  EXPECT_NO_THROW(stream.erase(4000));
}

}  // namespace
}  // namespace fechatter::nats
