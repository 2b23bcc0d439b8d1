#include "fechatter_server/auth/hash_queue.hpp"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "fechatter_core/error.hpp"

namespace fechatter::server {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class HashQueueTest : public testing::Test {
 protected:
  void enters(const std::string& name, HashTurn turn) {
    const Executor strand{io.get_executor()};
    asio::co_spawn(strand, wait(name, std::move(turn)), asio::detached);
    poll();
  }
  void stranger(const std::string& name, const std::string& network) {
    enters(name, {false, network});
  }
  void known(const std::string& name, const std::string& account = "alice") {
    enters(name, {true, account});
  }
  void leaves(const std::string& name) {
    ASSERT_EQ(slots.erase(name), 1) << name;
    poll();
  }
  // Frees the slots one after the other until all have had their turn.
  void all_leave() {
    for (std::size_t i = 0; i < served.size(); ++i) {
      if (slots.contains(served[i])) leaves(served[i]);
    }
  }

  asio::io_context io;
  HashQueue::Clock::time_point time{5h};
  HashQueue queue{{.slots = 2, .stranger_slots = 1, .queue_max = 4, .deadline = 5s},
                  [this] { return time; }};
  std::map<std::string, HashQueue::Slot> slots;
  std::vector<std::string> served;
  std::vector<std::string> refused;

 private:
  void poll() {
    io.restart();
    io.poll();
  }
  awaitable<> wait(std::string name, HashTurn turn) {
    try {
      auto slot = co_await queue.enter(std::move(turn));
      served.push_back(name);
      slots.emplace(name, std::move(slot));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::overloaded);
      EXPECT_EQ(error.retry_after(), 5s);
      refused.push_back(name);
    }
  }
};

TEST_F(HashQueueTest, LetsAStrangerInAtOnceWhenNoTurnWaits) {
  stranger("a", "192.0.2.0/24");
  EXPECT_THAT(served, ElementsAre("a"));
}

TEST_F(HashQueueTest, KeepsASlotForKnownDevices) {
  stranger("a", "one");
  stranger("b", "two");
  EXPECT_THAT(served, ElementsAre("a"));
  known("phone");
  EXPECT_THAT(served, ElementsAre("a", "phone"));
  leaves("phone");
  EXPECT_THAT(served, ElementsAre("a", "phone"));  // the slot stays free
  leaves("a");
  EXPECT_THAT(served, ElementsAre("a", "phone", "b"));
}

TEST_F(HashQueueTest, ServesNetworksInRotation) {
  stranger("busy", "x");
  for (const auto* name : {"a1", "a2", "a3"}) stranger(name, "a");
  stranger("b1", "b");
  all_leave();
  EXPECT_THAT(served, ElementsAre("busy", "a1", "b1", "a2", "a3"));
}

TEST_F(HashQueueTest, ServesKnownDevicesFirst) {
  known("k1");
  stranger("busy", "x");
  stranger("s", "x");
  known("k2");
  leaves("busy");
  EXPECT_THAT(served, ElementsAre("k1", "busy", "k2"));
}

TEST_F(HashQueueTest, WhenFullRefusesTheNewestOfTheLargestGroup) {
  stranger("busy", "x");
  for (const auto* name : {"a1", "a2", "a3", "a4"}) stranger(name, "a");
  stranger("b1", "b");
  EXPECT_THAT(refused, ElementsAre("a4"));
  stranger("a5", "a");
  EXPECT_THAT(refused, ElementsAre("a4", "a5"));
  EXPECT_EQ(queue.waiting(), 4);
}

TEST_F(HashQueueTest, WhenFullOfStrangersHasRoomForAKnownDevice) {
  stranger("busy", "x");
  known("k1");
  for (int i = 0; i < 4; ++i) stranger("s" + std::to_string(i), "network " + std::to_string(i));
  known("k2");
  EXPECT_EQ(refused.size(), 1);
  leaves("k1");
  EXPECT_THAT(served, ElementsAre("busy", "k1", "k2"));
}

TEST_F(HashQueueTest, OfKnownDevicesAloneIsBoundedToo) {
  known("k1");
  known("k2");
  for (int i = 0; i < 6; ++i) known("more " + std::to_string(i));
  EXPECT_EQ(queue.waiting(), 4);
  EXPECT_THAT(refused, ElementsAre("more 4", "more 5"));
}

TEST_F(HashQueueTest, RefusesAtTheDeadline) {
  stranger("busy", "x");
  stranger("late", "a");
  time += 3s;
  stranger("in time", "b");
  time += 2s;
  leaves("busy");
  EXPECT_THAT(refused, ElementsAre("late"));
  EXPECT_THAT(served, ElementsAre("busy", "in time"));
}

TEST_F(HashQueueTest, KnownDevicesDoNotKeepAStrangerOut) {
  known("k1");
  known("k2");
  stranger("s", "x");
  for (const auto* name : {"k3", "k4"}) known(name);
  all_leave();
  EXPECT_THAT(served, ElementsAre("k1", "k2", "k3", "s", "k4"));
  EXPECT_THAT(refused, IsEmpty());
}

}  // namespace
}  // namespace fechatter::server
