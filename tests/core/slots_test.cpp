#include "fechatter_core/slots.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "fechatter_core/error.hpp"

namespace fechatter {
namespace {

// One slot, and one piece of work that waits.
class SlotsTest : public testing::Test {
 protected:
  static std::uint64_t key_of(char name) { return name < 'm' ? 1 : 2; }
  awaitable<> work(char name) {
    std::optional<Slots::Taken> slot;
    bool refused = false;
    try {
      auto waiting = slots->take(key_of(name));
      slot.emplace(co_await std::move(waiting));
    } catch (const Error& error) {
      refused = error.code() == ErrorCode::overloaded;
    }
    log += refused ? "!" : "";
    log += name;
    if (slot) taken.push_back(std::move(*slot));
  }
  void begin(const std::string& names) {
    for (const char name : names) {
      asio::co_spawn(Executor{io.get_executor()}, work(name), asio::detached);
    }
    run();
  }
  void run() {
    io.restart();
    io.poll();
  }
  void give_back() {
    taken.pop_front();
    run();
  }

  asio::io_context io;
  std::unique_ptr<Slots> slots =
      std::make_unique<Slots>(1, 2, Error{ErrorCode::overloaded, "Too much."});
  std::deque<Slots::Taken> taken;
  std::string log;
};

TEST_F(SlotsTest, AreTakenInTheOrderInWhichTheWorkCame) {
  begin("abc");
  EXPECT_EQ(log, "a");
  EXPECT_EQ(slots->waiting(1), 2U);
  give_back();
  EXPECT_EQ(log, "ab");
  give_back();
  give_back();
  begin("d");
  EXPECT_EQ(log, "abcd");
}

TEST_F(SlotsTest, WorkBeyondTheQueueIsRefused) {
  begin("abcd");
  EXPECT_EQ(log, "a!d");
}

TEST_F(SlotsTest, AKeyHasSlotsOfItsOwnAndNoMemoryWithoutWork) {
  begin("abmn");
  EXPECT_EQ(log, "am");
  EXPECT_EQ(slots->keys(), 2U);
  while (!taken.empty()) give_back();
  EXPECT_EQ(log, "ambn");
  EXPECT_EQ(slots->keys(), 0U);
}

TEST_F(SlotsTest, DropWhatWaitsWhenTheyEndBeforeTheWorkThatHasOne) {
  begin("ab");
  slots.reset();
  give_back();
  EXPECT_EQ(log, "a");
}

}  // namespace
}  // namespace fechatter
