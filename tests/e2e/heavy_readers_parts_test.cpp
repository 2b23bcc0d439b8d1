#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/system.hpp"

// What is read in parts for those who have read much is what all others read. A user is a heavy
// reader here after 80 KiB, and stays one.
namespace fechatter::test {
namespace {

class BudgetsOfHeavyReaders : public testing::Test {
 protected:
  static SystemOptions options() {
    SystemOptions options;
    options.start_notify = false;
    options.server = {{"FECHATTER_LIMITS__ANSWER_KIB_PER_SECOND", "1"},
                      {"FECHATTER_LIMITS__ANSWER_KIB_BURST", "640"}};
    return options;
  }

  System system{options()};
  Person alice = system.signs_up("alice");
};

TEST_F(BudgetsOfHeavyReaders, AListInPartsIsTheSameList) {
  system.database->query(fmt::format(
      "SELECT create_chat(workspace_id, id, 'private_channel', 'channel ' || i, '', ARRAY[id])"
      " FROM users, generate_series(1, 250) i WHERE id = {}",
      alice.id()));
  ASSERT_TRUE(eventually([this] {
    return system.database->number("SELECT count(*) FROM outbox WHERE stream_seq IS NULL") == 0;
  }));
  const auto first = alice.get("/api/chat?limit=230");
  ASSERT_GT(first.body.size(), 100'000U);  // more than an eighth
  const auto second = alice.get("/api/chat?limit=230");
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second.header("x-next-cursor"), first.header("x-next-cursor"));
  EXPECT_EQ(second.header("x-event-position"), first.header("x-event-position"));
  const auto rest = alice.get("/api/chat?limit=230&cursor=" + second.header("x-next-cursor"));
  EXPECT_EQ(rest.json().size(), 20U);
  EXPECT_EQ(rest.header("x-next-cursor"), "");
}

// In several parts of matches, of texts and of hits; the last answer is cut by its bytes.
TEST_F(BudgetsOfHeavyReaders, ASearchInPartsFindsTheSame) {
  const auto bob = system.signs_up("bob");
  const auto carol = system.signs_up("carol");
  const auto chat = alice.makes_chat("Group", {bob.id(), carol.id()}, "general");
  std::string large = "large ";  // 40 KB
  for (int i = 0; i < 9900; ++i) large += "👩";
  for (int i = 0; i < 14; ++i) alice.posts(chat, large);
  for (int i = 0; i < 230; ++i) alice.posts(chat, fmt::format("C++ and {}, {}", i % 2, i));
  const auto answer = [](const Person& person, const std::string& query) {
    auto found = person.get("/api/search/messages?" + query).json();
    found.erase("took_ms");
    found.erase("data");  // all of it once more
    return found;
  };
  ASSERT_TRUE(eventually([&] { return answer(alice, "q=C&limit=1").at("total") == 230; }));
  for (std::size_t read = 0; read < 100'000;) {
    const auto page = bob.get(fmt::format("/api/chat/{}/messages?limit=100", chat));
    ASSERT_GT(page.body.size(), 20'000U);
    read += page.body.size();
  }
  for (const auto* query :
       {"q=%22C%2B%2B%22%200&limit=40", "q=C%2B%2B&limit=20&sort=oldest", "q=large&limit=100"}) {
    const auto found = answer(bob, query);
    EXPECT_EQ(found, answer(alice, query)) << query;
    EXPECT_FALSE(found.at("hits").empty());
    EXPECT_TRUE(found.at("has_more"));
  }
}

}  // namespace
}  // namespace fechatter::test
