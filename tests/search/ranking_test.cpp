#include "tests/search/conformance.hpp"

namespace fechatter::test {
namespace {

const std::vector<Case> ranks{
    {"ExactBeforePrefixBeforeMisspelt",
     "harbor",
     {"harbor-new", "harbor-old", "harborside", "harbour"}},
    {"RelevanceIsTheDefault",
     "harbor",
     {"harbor-new", "harbor-old", "harborside", "harbour"},
     {{"sort", "relevance"}}},
    {"NewestFirstIgnoresTheRank",
     "harbor",
     {"harbour", "harborside", "harbor-new", "harbor-old"},
     {{"sort", "newest"}}},
    {"OldestFirstIsItsReverse",
     "harbor",
     {"harbor-old", "harbor-new", "harborside", "harbour"},
     {{"sort", "oldest"}}},
    {"NewestFirstByItsOlderName",
     "harbor",
     {"harbour", "harborside", "harbor-new", "harbor-old"},
     {{"sort", "date_desc"}}},
    {"OldestFirstByItsOlderName",
     "harbor",
     {"harbor-old", "harbor-new", "harborside", "harbour"},
     {{"sort", "date_asc"}}},
    {"ThePrefixBeforeTheMisspelt", "from:chloe from:ivan harbor", {"harborside", "harbour"}},
    {"AmongEqualsTheNewestIsFirst", "\"audit\"", {"audit-signed", "audit-pauses", "audit-begins"}},
    {"WithoutWordsTheNewestIsFirst", "on:2025-03-15", {"audit-pauses", "audit-begins"}},
    {"ExactInAnyCaseIsExact",
     "deploy",
     {"deploy-done", "deploy-friday", "deploy-monday", "deploy-list"}},
};
INSTANTIATE_TEST_SUITE_P(Ranking, Ranks, testing::ValuesIn(ranks), case_name);

class Scores : public Conformance {};

TEST_F(Scores, ScoresDoNotRiseAlongTheHits) {
  const auto hits = found(alice, {{"q", "harbor"}}).at("hits");
  for (std::size_t i = 1; i < hits.size(); ++i) {
    EXPECT_LE(hits[i].at("score"), hits[i - 1].at("score")) << hits[i];
  }
}

TEST_F(Scores, AnExactMatchScoresAboveAMisspelling) {
  const auto hits = found(alice, {{"q", "harbor"}}).at("hits");
  ASSERT_EQ(hits.size(), 4U);
  EXPECT_GT(hits.front().at("score"), hits.back().at("score"));
}

}  // namespace
}  // namespace fechatter::test
