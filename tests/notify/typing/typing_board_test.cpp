#include "notify_server/typing/typing_board.hpp"

#include <gmock/gmock.h>

namespace fechatter::notify {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr ChatId lunch{101};
constexpr UserId alice{11};
constexpr UserId bob{12};

// On a clock that the test advances.
class TypingBoardTest : public testing::Test {
 public:
  TypingBoardTest() { SteadyClock::simulate(&time); }
  ~TypingBoardTest() override { SteadyClock::simulate(nullptr); }
  TypingBoardTest(const TypingBoardTest&) = delete;
  TypingBoardTest& operator=(const TypingBoardTest&) = delete;

 protected:
  void pass(SteadyClock::duration duration) { time += duration; }
  void type(UserId user = alice, ChatId chat = lunch, bool is_typing = true) {
    board.report({WorkspaceId{1}, chat, user, "Alice", is_typing, from_unix_micros(++reports)});
  }
  void stop(UserId user = alice, ChatId chat = lunch) { type(user, chat, false); }
  // What is due, as `11 types` and `11 stops`.
  std::vector<std::string> due() {
    std::vector<std::string> texts;
    for (const auto& typing : board.take_due()) {
      texts.push_back(std::to_string(typing.user_id.value) +
                      (typing.is_typing ? " types" : " stops"));
    }
    return texts;
  }

  SteadyClock::time_point time = std::chrono::steady_clock::now();
  std::int64_t reports = 0;
  TypingBoard board;
};

TEST_F(TypingBoardTest, TypingIsShownAtOnceAndItsEnd) {
  type();
  EXPECT_THAT(due(), ElementsAre("11 types"));
  pass(1s);
  EXPECT_THAT(due(), IsEmpty());
  stop();
  EXPECT_THAT(due(), ElementsAre("11 stops"));
  pass(1s);
  EXPECT_THAT(due(), IsEmpty());
  EXPECT_EQ(board.size(), 0U);
}

TEST_F(TypingBoardTest, AUserHasOneEventASecondInAChat) {
  type();
  EXPECT_THAT(due(), ElementsAre("11 types"));
  for (int i = 0; i < 9; ++i) {
    pass(100ms);
    stop();
    type();
    EXPECT_THAT(due(), IsEmpty());
  }
  pass(100ms);
  const auto latest = board.take_due();
  ASSERT_EQ(latest.size(), 1U);
  EXPECT_EQ(latest[0].expires_at, from_unix_micros(reports));
}

TEST_F(TypingBoardTest, TheEndIsNotLostInThatSecond) {
  type();
  due();
  stop();
  EXPECT_THAT(due(), IsEmpty());
  pass(1s);
  EXPECT_THAT(due(), ElementsAre("11 stops"));
}

TEST_F(TypingBoardTest, TypingEndsByItselfAfterTenSeconds) {
  type();
  due();
  pass(5s);
  type();
  due();
  pass(9s);
  EXPECT_THAT(due(), IsEmpty());
  pass(1s);
  EXPECT_THAT(due(), ElementsAre("11 stops"));
}

TEST_F(TypingBoardTest, AMessageEndsTheTypingOfItsSenderInThatChat) {
  type();
  type(bob);
  type(alice, ChatId{102});
  due();
  pass(1s);
  board.end(lunch, alice);
  EXPECT_THAT(due(), ElementsAre("11 stops"));
}

TEST_F(TypingBoardTest, AnEndWithoutABeginningIsNotShown) {
  stop();
  board.end(lunch, bob);
  type();
  stop();  // before the beginning was shown
  EXPECT_THAT(due(), IsEmpty());
  EXPECT_EQ(board.size(), 0U);
}

TEST_F(TypingBoardTest, ADeletedChatHasNoMoreEvents) {
  type();
  due();
  board.drop_chat(lunch);
  pass(20s);
  EXPECT_THAT(due(), IsEmpty());
  EXPECT_EQ(board.size(), 0U);
}

TEST_F(TypingBoardTest, AUserTypesInFiveChatsAtOnceAtMost) {
  for (std::int64_t chat = 1; chat <= 7; ++chat) type(alice, ChatId{chat});
  type(bob, ChatId{7});
  EXPECT_EQ(due().size(), 6U);
  stop(alice, ChatId{1});
  type(alice, ChatId{6});  // the end is still to be shown
  EXPECT_EQ(board.size(), 6U);
  pass(1s);
  EXPECT_THAT(due(), ElementsAre("11 stops"));
  pass(1s);
  due();
  type(alice, ChatId{6});
  EXPECT_THAT(due(), ElementsAre("11 types"));
}

}  // namespace
}  // namespace fechatter::notify
