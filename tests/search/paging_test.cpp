#include <fmt/format.h>

#include <algorithm>

#include "tests/search/conformance.hpp"
#include "tests/search/corpus.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

// Pages of the chat "logs", whose messages match equally: the newest is first.
class Paging : public Conformance {
 protected:
  Paging() {
    for (int page = corpus_log_pages; page > 0; --page) {
      newest_first.push_back(fmt::format("log-{:02}", page));
    }
  }

  json page(const Parameters& more) {
    Parameters parameters{{"q", "lighthouse"}};
    parameters.insert(parameters.end(), more.begin(), more.end());
    return found(alice, parameters);
  }
  std::vector<std::string> part(std::size_t begin, std::size_t count) {
    const auto from = newest_first.begin() + static_cast<std::ptrdiff_t>(begin);
    return {from, from + static_cast<std::ptrdiff_t>(count)};
  }
  // The keys of all pages in order.
  std::vector<std::string> walked(const std::string& limit, const std::string& sort,
                                  std::size_t& pages) {
    std::vector<std::string> keys;
    Parameters parameters{{"limit", limit}, {"sort", sort}};
    json answer;
    do {
      answer = page(parameters);
      EXPECT_EQ(answer.at("total"), corpus_log_pages);
      const auto more = keys_of(answer);
      keys.insert(keys.end(), more.begin(), more.end());
      const auto& next = answer.at("next_cursor");
      parameters = {{"limit", limit}, {"sort", sort}};
      if (!next.is_null()) parameters.emplace_back("cursor", next.get<std::string>());
    } while (!answer.at("next_cursor").is_null() && ++pages < newest_first.size());
    ++pages;
    return keys;
  }

  std::vector<std::string> newest_first;
};

TEST_F(Paging, APageHoldsFiftyByDefault) {
  const auto answer = found(alice, {{"from", "2000-01-01"}});
  EXPECT_GT(answer.at("total"), 50);
  EXPECT_EQ(answer.at("hits").size(), 50U);
}

TEST_F(Paging, APageHoldsItsLimit) {
  EXPECT_EQ(keys_of(page({{"limit", "1"}})), part(0, 1));
  EXPECT_EQ(keys_of(page({{"limit", "100"}})), newest_first);
}

TEST_F(Paging, ALimitAboveTheMaximumIsCutToIt) {
  for (const auto& reply :
       {search(alice, {{"q", "lighthouse"}, {"limit", "1000"}}),
        alice.post("/api/search/messages", {{"q", "lighthouse"}, {"limit", 1000}}),
        alice.post("/api/search/messages", {{"q", "lighthouse"}, {"limit", UINT64_MAX}})}) {
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.header("x-limit-applied"), "100");
    EXPECT_EQ(reply.json().at("page").at("limit"), 100);
  }
  EXPECT_EQ(search(alice, {{"q", "lighthouse"}, {"limit", "100"}}).header("x-limit-applied"), "");
}

TEST_F(Paging, APageSaysWhereItIsAndWhetherThereAreMore) {
  const auto place = [&](const Parameters& more) {
    const auto answer = page(more);
    EXPECT_EQ(answer.at("has_more"), answer.at("page").at("has_more"));
    EXPECT_EQ(answer.at("has_more"), !answer.at("next_cursor").is_null());
    return answer.at("page");
  };
  EXPECT_EQ(place({{"limit", "7"}}), (json{{"offset", 0}, {"limit", 7}, {"has_more", true}}));
  const auto first = page({{"limit", "7"}, {"offset", "3"}});
  EXPECT_EQ(place({{"limit", "20"}, {"cursor", first.at("next_cursor")}}),
            (json{{"offset", 10}, {"limit", 20}, {"has_more", false}}));
}

TEST_F(Paging, TotalAndFacetsAreOfAllPages) {
  const auto answer = page({{"limit", "2"}});
  EXPECT_EQ(answer.at("total"), corpus_log_pages);
  const json chats{{std::to_string(world.chat("logs")), corpus_log_pages}};
  EXPECT_EQ(answer.at("facets").at("chat_id"), chats);
}

TEST_F(Paging, CursorsPassEachHitOnce) {
  for (const auto* sort : {"relevance", "newest"}) {
    std::size_t pages = 0;
    EXPECT_EQ(walked("7", sort, pages), newest_first) << sort;
    EXPECT_EQ(pages, 4U) << sort;
  }
  std::size_t pages = 0;
  const std::vector<std::string> oldest_first{newest_first.rbegin(), newest_first.rend()};
  EXPECT_EQ(walked("7", "oldest", pages), oldest_first);
}

TEST_F(Paging, TheLastPageHasNoCursorEvenWhenItIsFull) {
  std::size_t pages = 0;
  EXPECT_EQ(walked("5", "relevance", pages), newest_first);
  EXPECT_EQ(pages, 5U);
}

TEST_F(Paging, APageWithAllHitsHasNoCursor) {
  EXPECT_TRUE(page({{"limit", "25"}}).at("next_cursor").is_null());
}

TEST_F(Paging, AnOffsetSkipsHits) {
  EXPECT_EQ(keys_of(page({{"offset", "3"}, {"limit", "4"}})), part(3, 4));
  EXPECT_EQ(keys_of(page({{"offset", "20"}})), part(20, 5));
}

TEST_F(Paging, AnOffsetBeyondTheEndIsAnEmptyPage) {
  const auto answer = page({{"offset", "1000"}});
  EXPECT_THAT(answer.at("hits"), IsEmpty());
  EXPECT_EQ(answer.at("total"), corpus_log_pages);
  EXPECT_TRUE(answer.at("next_cursor").is_null());
}

TEST_F(Paging, ACursorContinuesAfterAnOffset) {
  const auto first = page({{"offset", "3"}, {"limit", "4"}});
  const auto second = page({{"limit", "4"}, {"cursor", first.at("next_cursor")}});
  EXPECT_EQ(keys_of(second), part(7, 4));
}

TEST_F(Paging, ACursorCrossesFromExactHitsToMisspeltOnes) {
  const auto first = found(alice, {{"q", "harbor"}, {"limit", "3"}});
  const auto second =
      found(alice, {{"q", "harbor"}, {"limit", "3"}, {"cursor", first.at("next_cursor")}});
  EXPECT_THAT(keys_of(first), ElementsAre("harbor-new", "harbor-old", "harborside"));
  EXPECT_THAT(keys_of(second), ElementsAre("harbour"));
}

TEST_F(Paging, NoMatchIsOneEmptyPage) {
  const auto answer = found(alice, {{"q", "xylophone"}});
  expect_consistent(answer);
  EXPECT_THAT(answer.at("hits"), IsEmpty());
  EXPECT_EQ(answer.at("total"), 0);
  EXPECT_TRUE(answer.at("next_cursor").is_null());
}

TEST_F(Paging, ACursorGivesAnotherCallerNothing) {
  const auto first = page({{"limit", "20"}});
  const auto reply =
      search(world.person("chloe"), {{"q", "lighthouse"}, {"cursor", first.at("next_cursor")}});
  if (reply.status == 200) {
    EXPECT_THAT(reply.json().at("hits"), IsEmpty());
    EXPECT_EQ(reply.json().at("total"), 0);
  } else {
    EXPECT_EQ(refused_field(reply), "cursor");
  }
}

}  // namespace
}  // namespace fechatter::test
