#include "fechatter_core/nats/work_queue.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "fechatter_core/nats/jetstream.hpp"
#include "tests/support/services.hpp"

namespace fechatter::nats {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class DurableQueue : public testing::Test {
 protected:
  DurableQueue() { stream.create(); }

  void publish(int count) {
    for (int i = 0; i < count; ++i) {
      connection.publish(event::subject_of(WorkspaceId{1}, ChatId{1}, "T"), std::to_string(i));
    }
    connection.ping(seconds{5});
  }

  test::NatsServer nats;
  Connection connection{{nats.url(), "test"}};
  JetStream stream{connection};
  WorkQueue queue{connection, "test", seconds{60}};
};

// JetStream holds a fetch that has both for the whole expiry, while the messages that the worker
// has already wait with it: a lone message was found two seconds late.
TEST_F(DurableQueue, NoFetchCombinesNoWaitWithAnExpiry) {
  Connection observer{{nats.url(), "observer"}};
  auto requests = observer.subscribe("$JS.API.CONSUMER.MSG.NEXT.FECHATTER_EVENTS.test");
  observer.ping(seconds{5});
  WorkQueue::Appetite appetite;
  appetite.count_max = 10;
  appetite.patience = milliseconds{50};
  EXPECT_TRUE(queue.take(appetite).empty());
  appetite.gather = milliseconds{1};
  publish(1);
  EXPECT_EQ(queue.take(appetite).size(), 1U);
  appetite.enough = 3;
  appetite.gather = seconds{60};
  publish(3);
  EXPECT_EQ(queue.take(appetite).size(), 3U);
  int seen = 0;
  while (const auto request = requests.next(milliseconds{100})) {
    ++seen;
    const auto body = nlohmann::json::parse(request->data());
    EXPECT_FALSE(body.value("no_wait", false) && body.contains("expires")) << request->data();
  }
  EXPECT_GE(seen, 5);
}

TEST_F(DurableQueue, MessagesThatAreReadyAreTakenTogether) {
  publish(50);
  WorkQueue::Appetite appetite;
  appetite.count_max = 100;
  appetite.patience = seconds{60};
  std::size_t taken = 0;
  std::size_t batches = 0;
  while (taken < 50) {
    taken += queue.take(appetite).size();
    ++batches;
  }
  EXPECT_EQ(taken, 50U);
  EXPECT_LT(batches, 50U);
}

}  // namespace
}  // namespace fechatter::nats
