#include "fechatter_server/search/search_turns.hpp"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>

namespace fechatter::server {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr UserId searcher{1};
constexpr UserId other_searcher{2};

// Searches that begin in order, and end when the test ends them.
class SearchTurnsTest : public testing::Test {
 protected:
  using Held = std::unique_ptr<SearchTurns::Held>;

  void begin(const std::string& name, UserId user) {
    const auto done = [this, name](const std::exception_ptr& error, Held held) {
      if (error) {
        refused.push_back(name);
      } else {
        running[name] = std::move(held);
      }
    };
    asio::co_spawn(Executor{io.get_executor()}, turns.begin(user), done);
    settle();
  }
  void end(const std::string& name) {
    running.erase(name);
    settle();
  }
  void settle() {
    io.restart();
    io.poll();
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [name, held] : running) names.push_back(name);
    return names;
  }
  bool is_over(const std::string& name) const {
    try {
      running.at(name)->turn().require();
    } catch (const Error& error) {
      return error.code() == ErrorCode::search_superseded;
    }
    return false;
  }

  asio::io_context io;
  SearchTurns turns{std::chrono::hours{1}};
  std::map<std::string, Held> running;
  std::vector<std::string> refused;
};

TEST_F(SearchTurnsTest, ANewerSearchEndsTheOlderOneAndBeginsAfterIt) {
  begin("first", searcher);
  EXPECT_FALSE(is_over("first"));
  begin("second", searcher);
  EXPECT_TRUE(is_over("first"));
  EXPECT_THAT(names(), ElementsAre("first"));
  end("first");
  EXPECT_THAT(names(), ElementsAre("second"));
  EXPECT_FALSE(is_over("second"));
}

TEST_F(SearchTurnsTest, OneSearchWaitsAtMost) {
  begin("first", searcher);
  begin("second", searcher);
  begin("third", searcher);
  EXPECT_THAT(refused, ElementsAre("second"));
  end("first");
  EXPECT_THAT(names(), ElementsAre("third"));
}

TEST_F(SearchTurnsTest, SearchesOfTwoUsersDoNotMeet) {
  begin("of the first user", searcher);
  begin("of the second user", other_searcher);
  EXPECT_THAT(names(), ElementsAre("of the first user", "of the second user"));
  EXPECT_FALSE(is_over("of the first user"));
}

TEST_F(SearchTurnsTest, AfterItsEndTheNextOneBeginsAtOnce) {
  begin("first", searcher);
  end("first");
  begin("second", searcher);
  EXPECT_THAT(names(), ElementsAre("second"));
  EXPECT_THAT(refused, IsEmpty());
}

TEST(SearchTurn, ItsRestsDoNotCount) {
  const SearchTurn turn{milliseconds{0}};
  const auto copy = turn;
  turn.exempt(std::chrono::hours{1});
  EXPECT_NO_THROW(copy.require());
  EXPECT_GT(copy.left(), std::chrono::minutes{59});
  EXPECT_NO_THROW(SearchTurn{}.exempt(std::chrono::hours{1}));
}

TEST(SearchTurn, EndsAtItsDeadline) {
  const SearchTurn turn{milliseconds{0}};
  try {
    turn.require();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::search_unavailable);
  }
  EXPECT_EQ(turn.left(), milliseconds{1});
  EXPECT_NO_THROW(SearchTurn{}.require());
}

}  // namespace
}  // namespace fechatter::server
