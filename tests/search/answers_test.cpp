#include <fmt/format.h>

#include "tests/search/conformance.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class Answers : public Conformance {
 protected:
  // The only hit of a query.
  json hit(const std::string& query, const Person& asks) {
    const auto answer = found(asks, {{"q", query}});
    expect_consistent(answer);
    if (answer.at("hits").size() != 1) throw std::runtime_error{answer.dump()};
    return answer.at("hits").at(0);
  }
  json hit(const std::string& query) { return hit(query, alice); }
  std::string highlight(const std::string& query) { return hit(query).at("highlight"); }
  json facets(const std::string& query) { return found(alice, {{"q", query}}).at("facets"); }
  std::string id_of(const std::string& key) { return std::to_string(world.chat(key)); }
};

TEST_F(Answers, AHitHasTheFieldsOfItsMessage) {
  const auto found_hit = hit("monday");
  const auto& message = world.message("deploy-monday");
  for (const auto* name : {"id", "chat_id", "sender_id", "content", "files", "created_at", "seq"}) {
    EXPECT_EQ(found_hit.at(name), message.at(name)) << name;
  }
}

TEST_F(Answers, AHitHasItsFiles) {
  const auto files = hit("logo").at("files");
  EXPECT_EQ(files.size(), 2U);
  EXPECT_EQ(files, world.message("sketches").at("files"));
}

TEST_F(Answers, AHitNamesItsSender) {
  EXPECT_EQ(hit("elephant").at("sender_name"), "田中 花子");
}

TEST_F(Answers, AHitNamesItsChatAndItsType) {
  const auto group = hit("rehearsal");
  EXPECT_EQ(group.at("chat_name"), "Project Phoenix");
  EXPECT_EQ(group.at("chat_type"), "Group");
  EXPECT_EQ(hit("monday").at("chat_type"), "PublicChannel");
  EXPECT_EQ(hit("wallaby").at("chat_type"), "Single");
  EXPECT_EQ(hit("postgresql").at("chat_type"), "PrivateChannel");
}

TEST_F(Answers, ASingleIsNamedAfterTheOtherMember) {
  EXPECT_EQ(hit("wallaby").at("chat_name"), "Bob Stone");
  EXPECT_EQ(hit("wallaby", bob).at("chat_name"), "Alice Smith");
}

TEST_F(Answers, ABackdatedHitHasItsTime) {
  EXPECT_THAT(hit("\"papers are signed\"").at("created_at").get<std::string>(),
              HasSubstr("2025-03-16T00:00:00"));
}

TEST_F(Answers, FacetsOfNoMatchAreEmptyObjects) {
  EXPECT_EQ(facets("invoice kangaroo"), (json{{"chat_id", json::object()},
                                              {"sender_id", json::object()},
                                              {"chat_type", json::object()},
                                              {"month", json::object()}}));
}

TEST_F(Answers, FacetsCountByChat) {
  EXPECT_EQ(facets("deploy").at("chat_id"), (json{{id_of("general"), 3}, {id_of("backend"), 1}}));
}

TEST_F(Answers, FacetsCountBySender) {
  EXPECT_EQ(facets("deploy").at("sender_id"),
            (json{{std::to_string(alice.id()), 1},
                  {std::to_string(bob.id()), 2},
                  {std::to_string(world.person("ivan").id()), 1}}));
}

TEST_F(Answers, FacetsCountByTypeOfChat) {
  EXPECT_EQ(facets("deploy").at("chat_type"), (json{{"PublicChannel", 3}, {"PrivateChannel", 1}}));
}

TEST_F(Answers, FacetsCountByMonthOfUtc) {
  EXPECT_EQ(facets("before:2025-04-01 in:archive").at("month"),
            (json{{"2024-02", 1}, {"2024-12", 1}, {"2025-01", 1}, {"2025-03", 3}}));
}

TEST_F(Answers, FacetsCountMatchesOnly) {
  EXPECT_EQ(facets("from:ivan deploy").at("chat_id"), (json{{id_of("general"), 1}}));
}

TEST_F(Answers, AMatchIsHighlighted) {
  EXPECT_EQ(highlight("monday"), "We deploy the payment service on <mark>Monday</mark> morning");
}

TEST_F(Answers, EveryMatchedWordIsHighlighted) {
  EXPECT_EQ(highlight("kangaroo wallaby"), "<mark>Kangaroo</mark>\tmeets\n<mark>wallaby</mark>");
}

TEST_F(Answers, AMisspellingIsHighlightedAsWritten) {
  EXPECT_THAT(highlight("elephnat"), HasSubstr("<mark>elephant</mark>"));
}

TEST_F(Answers, AnAccentedWordIsHighlightedAsWritten) {
  EXPECT_THAT(highlight("strasse"), HasSubstr("<mark>Straße</mark>"));
}

TEST_F(Answers, AWordWithinARunIsHighlighted) {
  EXPECT_EQ(highlight("北京"), "我们明天在<mark>北京</mark>开会");
}

TEST_F(Answers, AHighlightIsSafeHtml) {
  const auto text = highlight("script");
  EXPECT_THAT(text, HasSubstr("&lt;<mark>script</mark>&gt;"));
  EXPECT_THAT(text, HasSubstr("&amp;"));
  EXPECT_THAT(text, Not(HasSubstr("<script")));
  EXPECT_THAT(text, Not(HasSubstr("<b>")));
}

TEST_F(Answers, AQueryWithoutWordsHighlightsNothing) {
  EXPECT_THAT(highlight("in:archive on:2024-02-29"), Not(HasSubstr("<mark>")));
}

TEST_F(Answers, AnExcludedWordIsNotHighlighted) {
  EXPECT_EQ(highlight("umbrella -black"), "Whose <mark>umbrella</mark> is this?");
}

}  // namespace
}  // namespace fechatter::test
