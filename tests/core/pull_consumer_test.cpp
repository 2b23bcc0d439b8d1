#include "fechatter_core/nats/pull_consumer.hpp"

#include <gmock/gmock.h>

#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "fechatter_core/nats/jetstream.hpp"
#include "tests/support/services.hpp"

namespace fechatter::nats {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class DurableConsumer : public testing::Test {
 protected:
  void publish(int count) {
    const auto last_seq = stream.find_state()->last_seq + static_cast<std::uint64_t>(count);
    for (int i = 0; i < count; ++i) {
      connection.publish(event::subject_of(WorkspaceId{1}, ChatId{1}, "T"), std::to_string(i));
    }
    test::wait_until_stored(stream, last_seq);
  }

  // Publishes so many events, and fetches all of them. Whether the first fetch had them all: one
  // ends earlier when the server is slow for a moment.
  bool fetches_together(std::size_t count) {
    publish(static_cast<int>(count));
    const auto first = consumer.fetch({.max = count, .wait = seconds{60}}, stop).size();
    for (auto rest = count - first; rest > 0;) {
      rest -= consumer.fetch({.max = rest, .wait = seconds{60}}, stop).size();
    }
    return first == count;
  }

  // Events that are delivered and not acked.
  std::int64_t delivered() {
    Connection observer{{nats.url(), "observer"}};
    jsCtx* context = nullptr;
    check(natsConnection_JetStream(&context, observer.raw(), nullptr), "jetstream");
    jsConsumerInfo* info = nullptr;
    check(js_GetConsumerInfo(&info, context, event::stream_name, "test", nullptr, nullptr), "info");
    const auto count = info->NumAckPending;
    jsConsumerInfo_Destroy(info);
    jsCtx_Destroy(context);
    return count;
  }

  test::NatsServer nats;
  Connection connection{{nats.url(), "test"}};
  JetStream stream{connection};
  const event::StreamState created = stream.create();  // before its consumer
  PullConsumer consumer{connection, "test", seconds{60}};
  StopSignal stop;
};

TEST_F(DurableConsumer, ABatchEndsWithItsBytes) {
  const std::string large(100'000, 'x');
  for (int i = 0; i < 100; ++i) {
    connection.publish(event::subject_of(WorkspaceId{1}, ChatId{1}, "T"), large);
  }
  test::wait_until_stored(stream, 100);
  // It waits for more events than these bytes allow, so that a slow server does not end it.
  const auto batch =
      consumer.fetch({.max = 100, .bytes_max = 1'000'000, .min = 100, .linger = seconds{60}}, stop);
  EXPECT_GE(batch.size(), 10U);
  EXPECT_LE(batch.size(), 10U + 32U);
  EXPECT_EQ(batch.bytes, batch.size() * large.size());
}

TEST_F(DurableConsumer, ALargeBatchIsComplete) {
  EXPECT_TRUE(test::eventually([this] { return fetches_together(500); }));
}

// JetStream holds a fetch with both for the whole expiry, and the messages that were fetched before
// wait with it: a lone message was found two seconds late.
TEST_F(DurableConsumer, NoFetchCombinesNoWaitWithAnExpiry) {
  Connection observer{{nats.url(), "observer"}};
  auto requests = observer.subscribe("$JS.API.CONSUMER.MSG.NEXT.FECHATTER_EVENTS.test");
  observer.ping(seconds{5});
  publish(1);
  EXPECT_EQ(consumer.fetch({.max = 10, .linger = milliseconds{1}}, stop).size(), 1U);
  publish(3);
  EXPECT_EQ(consumer.fetch({.max = 10, .min = 3, .linger = seconds{60}}, stop).size(), 3U);
  EXPECT_TRUE(test::eventually([this] { return fetches_together(3); }));
  EXPECT_TRUE(consumer.fetch({.max = 10, .wait = milliseconds{1}}, stop).empty());
  int seen = 0;
  while (const auto request = requests.next(milliseconds{100})) {
    ++seen;
    const auto body = nlohmann::json::parse(request->data());
    EXPECT_FALSE(body.value("no_wait", false) && body.contains("expires")) << request->data();
  }
  EXPECT_GE(seen, 5);
}

TEST_F(DurableConsumer, EventsThatAreReadyAreFetchedTogether) {
  EXPECT_TRUE(test::eventually([this] { return fetches_together(50); }));
}

// Requests of a millisecond end at any moment of an event's way, so that events arrive late.
TEST_F(DurableConsumer, RequestsThatEndWhileEventsArriveReceiveEachOnceAndInOrder) {
  constexpr int events = 3000;
  std::jthread publisher{[this] { publish(events); }};
  const BatchLimits limits{
      .max = 100, .min = 40, .wait = milliseconds{1}, .linger = milliseconds{1}};
  std::vector<std::string> received;
  EXPECT_TRUE(test::eventually([&] {
    const auto batch = consumer.fetch(limits, stop);
    for (const auto& event : batch.events) received.push_back(event.data);
    for (const auto& message : batch.messages) consumer.ack(message);
    return received.size() >= std::size_t{events};
  }));
  std::vector<std::string> sent;
  for (int i = 0; i < events; ++i) sent.push_back(std::to_string(i));
  EXPECT_EQ(received, sent);
  EXPECT_TRUE(test::eventually([&] { return consumer.lag() == 0; }));
}

TEST_F(DurableConsumer, ABatchHasNoMoreEventsThanItsLimit) {
  publish(5);
  EXPECT_EQ(
      consumer.fetch({.max = 2, .min = 2, .wait = seconds{60}, .linger = seconds{60}}, stop).size(),
      2U);
}

TEST_F(DurableConsumer, ANakdEventIsRedelivered) {
  publish(1);
  const auto first = consumer.fetch({.wait = seconds{60}}, stop);
  ASSERT_EQ(first.size(), 1U);
  consumer.nak(first.messages[0], milliseconds{1});
  const auto again = consumer.fetch({.wait = seconds{60}}, stop);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again.events[0].stream_seq, first.events[0].stream_seq);
}

TEST_F(DurableConsumer, LagIsTheNumberOfEventsThatAreNotAcked) {
  publish(3);
  EXPECT_EQ(consumer.lag(), 3U);
  const auto batch = consumer.fetch({.wait = seconds{60}}, stop);
  ASSERT_EQ(batch.size(), 1U);
  EXPECT_EQ(consumer.lag(), 3U);
  consumer.ack(batch.messages[0]);
  connection.ping(seconds{5});
  EXPECT_TRUE(test::eventually([this] { return consumer.lag() == 2; }));
}

TEST_F(DurableConsumer, AnotherAckWaitIsTakenOverWithoutLosingThePlace) {
  publish(2);
  consumer.ack(consumer.fetch({.wait = seconds{60}}, stop).messages.at(0));
  connection.ping(seconds{5});
  PullConsumer changed{connection, "test", seconds{30}};
  const auto rest = changed.fetch({.max = 10, .wait = seconds{60}}, stop);
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest.events[0].data, "1");
}

TEST_F(DurableConsumer, AStoppedFetchReturnsTheEventsThatItHas) {
  publish(1);
  auto fetched = std::async(std::launch::async, [this] {
    return consumer.fetch({.max = 10, .min = 10, .wait = seconds{60}, .linger = seconds{60}}, stop);
  });
  ASSERT_TRUE(test::eventually([this] { return delivered() == 1; }));
  stop.stop();
  ASSERT_EQ(fetched.wait_for(seconds{20}), std::future_status::ready);
  EXPECT_EQ(fetched.get().size(), 1U);
}

}  // namespace
}  // namespace fechatter::nats
