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

  struct Observation {
    std::int64_t delivered;  // and not acked
    std::string filter;
  };
  Observation observe(const char* name = "test") {
    Connection observer{{nats.url(), "observer"}};
    jsCtx* context = nullptr;
    check(natsConnection_JetStream(&context, observer.raw(), nullptr), "jetstream");
    jsConsumerInfo* info = nullptr;
    check(js_GetConsumerInfo(&info, context, event::stream_name, name, nullptr, nullptr), "info");
    Observation seen{info->NumAckPending, info->Config->FilterSubject};
    jsConsumerInfo_Destroy(info);
    jsCtx_Destroy(context);
    return seen;
  }
  std::int64_t delivered() { return observe().delivered; }

  test::NatsServer nats;
  Connection connection{{nats.url(), "test"}};
  JetStream stream{connection};
  const event::StreamState created = stream.create();  // before its consumer
  PullConsumer consumer{connection, "test", seconds{60}};
  StopSignal stop;
};

// The consumer of a former version goes on where it was.
TEST_F(DurableConsumer, OneWithTheFormerFilterIsTakenOver) {
  Connection former{{nats.url(), "former"}};
  jsCtx* context = nullptr;
  check(natsConnection_JetStream(&context, former.raw(), nullptr), "jetstream");
  jsConsumerConfig config;
  jsConsumerConfig_Init(&config);
  config.Durable = "former";
  config.FilterSubject = event::stream_subjects;
  config.DeliverPolicy = js_DeliverAll;
  config.AckPolicy = js_AckExplicit;
  config.AckWait = std::chrono::nanoseconds{seconds{60}}.count();
  config.MaxAckPending = 1000;
  check(js_AddConsumer(nullptr, context, event::stream_name, &config, nullptr, nullptr), "former");
  jsCtx_Destroy(context);
  publish(2);
  {
    PullConsumer known{connection, "former", seconds{60}};
    const auto batch = known.fetch({.max = 1, .wait = seconds{60}}, stop);
    ASSERT_EQ(batch.size(), 1U);
    known.ack(batch.messages[0]);
    ASSERT_TRUE(test::eventually([&] { return observe("former").delivered == 0; }));
  }
  EXPECT_EQ(observe("former").filter, event::every_subject);
  PullConsumer again{connection, "former", seconds{60}};
  const auto rest = again.fetch({.max = 2, .wait = seconds{60}}, stop);
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest.messages[0].data(), "1");
}

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
