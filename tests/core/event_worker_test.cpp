#include "fechatter_core/nats/event_worker.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <future>
#include <set>
#include <sstream>

#include "fechatter_core/nats/jetstream.hpp"
#include "tests/core/recording_handler.hpp"
#include "tests/support/dead_letters.hpp"
#include "tests/support/services.hpp"

namespace fechatter::nats {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

// What is logged while it lives.
class CapturedLog {
 public:
  CapturedLog() {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "", std::make_shared<spdlog::sinks::ostream_sink_mt>(stream_)));
  }
  ~CapturedLog() { spdlog::set_default_logger(before_); }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;

  // REQUIRES: no other thread logs any more.
  std::string text() const { return stream_.str(); }

 private:
  const std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  std::ostringstream stream_;
};

class EventWorkers : public testing::Test {
 protected:
  void create_stream() { JetStream{*connection}.create(); }
  void publish(const std::string& data, WorkspaceId workspace = WorkspaceId{1}) {
    connection->publish(event::subject_of(workspace, ChatId{1}, "T"), data);
    connection->ping(seconds{5});
  }
  std::unique_ptr<EventWorker> start(EventHandler& with, BatchLimits limits = {.max = 100}) {
    WorkerSettings settings;
    settings.nats = {nats.url(), "worker"};
    settings.name = "test";
    settings.limits = limits;
    settings.ack_wait = seconds{60};
    return std::make_unique<EventWorker>(settings, with);
  }
  void restart_nats() {
    nats.kill();
    nats.start();
    connection.emplace(Settings{nats.url(), "test"});
  }
  static bool stops(std::unique_ptr<EventWorker> worker) {
    auto stopping = std::async(std::launch::async, [&worker] { worker.reset(); });
    return stopping.wait_for(seconds{20}) == std::future_status::ready;
  }
  // The dead letters: their subject and their reason.
  std::vector<std::string> dead_letters() {
    std::vector<std::string> found;
    for (const auto& letter : test::read_dead_letters(*connection)) {
      found.push_back(fmt::format("{} {}", letter.subject, letter.reason));
    }
    return found;
  }

  test::NatsServer nats;
  std::optional<Connection> connection{Settings{nats.url(), "test"}};
  RecordingHandler handler;
};

TEST_F(EventWorkers, EventsFromBeforeAndAfterTheStartAreHandled) {
  create_stream();
  publish("before");
  const auto worker = start(handler);
  ASSERT_TRUE(handler.has_handled(1));
  publish("after");
  ASSERT_TRUE(handler.has_handled(2));
  EXPECT_THAT(handler.handled(), ElementsAre("before", "after"));
}

TEST_F(EventWorkers, ABatchThatIsTooMuchIsHandledInParts) {
  create_stream();
  handler.set_events_max(10);
  for (int i = 0; i < 100; ++i) publish(fmt::format("{}", i));
  const auto worker = start(handler);
  EXPECT_TRUE(handler.has_handled(100));
}

TEST_F(EventWorkers, ABatchOfAWindowEndsWithItsBytes) {
  create_stream();
  handler.set_open(false);
  const auto worker = start(handler, {.max = 100, .bytes_max = 10'000});
  publish("first");
  ASSERT_TRUE(test::eventually([this] { return handler.calls() == 1; }));
  for (int i = 0; i < 40; ++i) publish(std::string(1000, 'x'));
  handler.set_open(true);
  ASSERT_TRUE(handler.has_handled(41));
  EXPECT_GE(handler.calls(), 1 + 4);
}

TEST_F(EventWorkers, AHandledEventIsNotRedeliveredToTheNextWorker) {
  create_stream();
  publish("first");
  auto worker = start(handler);
  ASSERT_TRUE(handler.has_handled(1));
  worker.reset();
  worker = start(handler);
  publish("second");
  ASSERT_TRUE(handler.has_handled(2));
  EXPECT_THAT(handler.handled(), ElementsAre("first", "second"));
}

TEST_F(EventWorkers, AnEventIsRedeliveredAfterAFailure) {
  create_stream();
  handler.set_failing(true);
  const CapturedLog log;
  auto worker = start(handler);
  publish("first");
  ASSERT_TRUE(test::eventually([this] { return handler.calls() >= 2; }));
  handler.set_failing(false);
  ASSERT_TRUE(handler.has_handled(1));
  EXPECT_THAT(handler.handled(), ElementsAre("first"));
  EXPECT_THAT(dead_letters(), IsEmpty());
  worker.reset();
  EXPECT_THAT(log.text(),
              HasSubstr("worker test: the index is away; 1 events will be redelivered"));
  EXPECT_THAT(log.text(), HasSubstr("worker test: working again"));
}

TEST_F(EventWorkers, ARefusedEventIsDeadLetteredAndTheOthersAreHandled) {
  create_stream();
  for (const auto* data : {"first", "refused", "second"}) publish(data);
  const auto worker = start(handler);
  ASSERT_TRUE(handler.has_handled(2));
  EXPECT_THAT(handler.handled(), UnorderedElementsAre("first", "second"));
  ASSERT_TRUE(test::eventually([this] { return !dead_letters().empty(); }));
  EXPECT_THAT(dead_letters(), ElementsAre("fechatter.v1.dead.test returned"));
}

TEST_F(EventWorkers, ABatchWithAnUnknownRefusedEventIsHandledOneByOne) {
  create_stream();
  for (const auto* data : {"first", "throws", "refused", "second"}) publish(data);
  const CapturedLog log;
  auto worker = start(handler, {.max = 4, .min = 4, .linger = seconds{60}});
  ASSERT_TRUE(handler.has_handled(2));
  EXPECT_THAT(handler.handled(), UnorderedElementsAre("first", "second"));
  ASSERT_TRUE(test::eventually([this] { return dead_letters().size() == 2; }));
  EXPECT_THAT(dead_letters(),
              ElementsAre("fechatter.v1.dead.test thrown", "fechatter.v1.dead.test returned"));
  worker.reset();
  EXPECT_THAT(log.text(), HasSubstr("moved to the dead-letter stream: thrown"));
}

TEST_F(EventWorkers, ADeadLetteredEventIsNotRedelivered) {
  create_stream();
  publish("throws");
  auto worker = start(handler);
  ASSERT_TRUE(test::eventually([&] { return dead_letters().size() == 1 && worker->lag() == 0; }));
}

// What was deleted is gone, from dead letters too.
TEST_F(EventWorkers, ADeadLetterNamesItsEventAndHasNoData) {
  create_stream();
  handler.refuse_all();
  publish(R"({"event_id": 7, "type": "T", "data": {"content": "secret"}, "seq": 3})");
  publish("no envelope: secret");
  const auto worker = start(handler);
  ASSERT_TRUE(test::eventually([this] { return dead_letters().size() == 2; }));
  const auto letters = test::read_dead_letters(*connection);
  EXPECT_EQ(letters[0].data, R"({"event_id":7,"type":"T","seq":3})");
  EXPECT_EQ(letters[1].data, "");
}

TEST_F(EventWorkers, TwoInstancesShareTheEvents) {
  create_stream();
  handler.set_open(false);
  RecordingHandler other;
  const auto blocked = start(handler, {.max = 1});
  publish("0");
  ASSERT_TRUE(test::eventually([this] { return handler.calls() == 1; }));
  const auto working = start(other, {.max = 1});
  for (int i = 1; i < 20; ++i) publish(std::to_string(i));
  ASSERT_TRUE(other.has_handled(18));  // one may have been fetched by the blocked one already
  handler.set_open(true);
  ASSERT_TRUE(
      test::eventually([&] { return handler.handled().size() + other.handled().size() == 20; }));
  auto all = handler.handled();
  for (const auto& data : other.handled()) all.push_back(data);
  EXPECT_EQ((std::set<std::string>{all.begin(), all.end()}.size()), 20U);
}

TEST_F(EventWorkers, AWorkspaceWithManyEventsDoesNotHoldUpAnother) {
  create_stream();
  handler.set_open(false);
  const auto worker = start(handler, {.max = 20});
  publish("first");
  ASSERT_TRUE(test::eventually([this] { return handler.calls() == 1; }));
  for (int i = 0; i < 60; ++i) publish("busy " + std::to_string(i));
  publish("quiet", WorkspaceId{2});
  handler.set_open(true);
  ASSERT_TRUE(handler.has_handled(62));
  auto handled = handler.handled();
  const auto quiet = std::find(handled.begin(), handled.end(), "quiet");
  EXPECT_LT(quiet - handled.begin(), 20);
  handled.erase(quiet);
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(handled[static_cast<std::size_t>(i) + 1], "busy " + std::to_string(i));
  }
}

TEST_F(EventWorkers, AWorkerResumesAfterALostConnection) {
  create_stream();
  const auto worker = start(handler);
  publish("first");
  ASSERT_TRUE(handler.has_handled(1));
  ASSERT_TRUE(test::eventually([&] { return worker->lag() == 0; }));
  restart_nats();
  publish("second");
  ASSERT_TRUE(handler.has_handled(2));
  EXPECT_THAT(handler.handled(), ElementsAre("first", "second"));
}

TEST_F(EventWorkers, ADeletedConsumerIsCreatedAgain) {
  create_stream();
  const auto worker = start(handler);
  publish("first");
  ASSERT_TRUE(handler.has_handled(1));
  nats.forget_consumers();
  publish("second");
  ASSERT_TRUE(test::eventually([this] {
    const auto handled = handler.handled();
    return std::find(handled.begin(), handled.end(), "second") != handled.end();
  }));
}

TEST_F(EventWorkers, LagIsTheNumberOfEventsThatAreNotHandled) {
  create_stream();
  for (int i = 0; i < 5; ++i) publish(std::to_string(i));
  handler.set_open(false);
  const auto worker = start(handler, {.max = 1});
  EXPECT_TRUE(test::eventually([&] { return worker->lag() == 5; }));
  handler.set_open(true);
  EXPECT_TRUE(test::eventually([&] { return worker->lag() == 0; }));
}

TEST_F(EventWorkers, AWorkerWaitsCalmlyForTheStream) {
  const CapturedLog log;
  auto worker = start(handler);
  // The worker has asked more than once.
  Connection observer{{nats.url(), "observer"}};
  auto requests = observer.subscribe("$JS.API.STREAM.INFO.FECHATTER_EVENTS");
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(requests.next(seconds{15}));
  create_stream();
  publish("first");
  ASSERT_TRUE(handler.has_handled(1));
  worker.reset();
  const std::string waiting = "waiting for the stream FECHATTER_EVENTS";
  const auto text = log.text();
  const auto once = text.find(waiting);
  ASSERT_NE(once, std::string::npos) << text;
  EXPECT_EQ(text.find(waiting, once + 1), std::string::npos) << text;
  EXPECT_THAT(text, Not(HasSubstr("[warning]")));
  EXPECT_THAT(text, Not(HasSubstr("[error]")));
}

TEST_F(EventWorkers, AWorkerStopsWhileItWaitsForTheStream) {
  auto worker = start(handler);
  EXPECT_TRUE(stops(std::move(worker)));
}

TEST_F(EventWorkers, AWorkerStopsWhileItWaitsForAnEvent) {
  create_stream();
  Connection observer{{nats.url(), "observer"}};
  auto requests = observer.subscribe("$JS.API.CONSUMER.MSG.NEXT.FECHATTER_EVENTS.test");
  observer.ping(seconds{5});
  auto worker = start(handler, {.wait = seconds{60}});
  ASSERT_TRUE(requests.next(seconds{15}));
  EXPECT_TRUE(stops(std::move(worker)));
}

TEST_F(EventWorkers, AWorkerThatStopsWhileItLingersHandlesTheEventsThatItHas) {
  create_stream();
  publish("first");
  Connection observer{{nats.url(), "observer"}};
  auto requests = observer.subscribe("$JS.API.CONSUMER.MSG.NEXT.FECHATTER_EVENTS.test");
  observer.ping(seconds{5});
  auto worker = start(handler, {.max = 10, .min = 10, .linger = seconds{60}});
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(requests.next(seconds{15}));
  EXPECT_TRUE(stops(std::move(worker)));
  EXPECT_THAT(handler.handled(), ElementsAre("first"));
}

TEST_F(EventWorkers, AWorkerStopsWhileNatsIsAway) {
  connection.reset();
  nats.kill();
  auto worker = start(handler);
  EXPECT_TRUE(stops(std::move(worker)));
}

}  // namespace
}  // namespace fechatter::nats
