#include "fechatter_core/text/mentions.hpp"

#include <gmock/gmock.h>

#include "fechatter_core/utf8.hpp"

namespace fechatter {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

// "<offset>+<length> <key or everyone>" of each candidate.
std::vector<std::string> found_in(std::string_view text) {
  std::vector<std::string> found;
  for (const auto& one : mention_candidates(text)) {
    found.push_back(std::to_string(one.offset) + "+" + std::to_string(one.length) + " " +
                    (one.everyone.empty() ? one.key : "@" + one.everyone));
  }
  return found;
}

TEST(Mentions, MayEndWhereNoWordIsCut) {
  EXPECT_THAT(found_in("hi @Bob Adams!"),
              ElementsAre("3+4 bob", "3+10 bob adams", "3+11 bob adams!"));
  EXPECT_THAT(found_in("@O'Brien"), ElementsAre("0+2 o", "0+3 o'", "0+8 o'brien"));
  EXPECT_THAT(found_in("@bob_smith"), ElementsAre("0+10 bob_smith"));
}

TEST(Mentions, EndWithTheLine) {
  EXPECT_THAT(found_in("@Bob\nAdams"), ElementsAre("0+4 bob"));
  EXPECT_THAT(found_in("@ Bob"), IsEmpty());
  EXPECT_THAT(found_in("@"), IsEmpty());
}

TEST(Mentions, AreOfAllMembersWithoutCase) {
  EXPECT_THAT(found_in("@ALL"), ElementsAre("0+4 @all"));
  EXPECT_THAT(found_in("@Here, please"), Contains("0+5 @here"));
  EXPECT_THAT(found_in("@allison"), Not(Contains("0+4 @all")));
}

TEST(Mentions, CountCodePointsAndCutNoCluster) {
  EXPECT_THAT(found_in("👋🏽 @Zoe\u0308"), ElementsAre("3+5 zo\u00eb"));
  EXPECT_THAT(found_in("@👩\u200d🚀"), ElementsAre("0+4 👩🚀"));
}

TEST(Mentions, OfScriptsWithoutSpacesMayEndAnywhere) {
  EXPECT_THAT(found_in("你好@田中さん"),
              ElementsAre("2+2 田", "2+3 田中", "2+4 田中さ", "2+5 田中さん"));
}

TEST(Mentions, AreNoPartsOfAddressesAndPaths) {
  for (const auto* text :
       {"mail bob@acme.example", "medium.com/@bob", "https://x.example/@bob/1", "a=@bob",
        "<https://x.example/?q=(@bob)>", "ssh://git@host:@bob", "ü@bob", "1@bob", "@@bob"}) {
    EXPECT_THAT(found_in(text), Not(Contains(testing::HasSubstr(" bob")))) << text;
  }
  EXPECT_THAT(found_in("see https://x.example/a @bob"), ElementsAre("24+4 bob"));
  EXPECT_THAT(found_in("(@bob)"), Contains("1+4 bob"));
}

TEST(Mentions, AreNotInCode) {
  for (const auto* text :
       {"`@bob`", "``a ` @bob``", "```\n@bob\n```", "```cpp\n@bob", "  ```\n`` @bob\n"}) {
    EXPECT_THAT(found_in(text), IsEmpty()) << text;
  }
  EXPECT_THAT(found_in("` @bob"), ElementsAre("2+4 bob"));  // code that does not end is none
  EXPECT_THAT(found_in("`` @bob`"), Contains("3+4 bob"));
  EXPECT_THAT(found_in("```\na\n```\n@bob"), ElementsAre("10+4 bob"));
}

TEST(Mentions, AreLookedUpToALimit) {
  std::string text;
  for (int i = 0; i < 2'000; ++i) text += "@a b ";
  EXPECT_EQ(mention_candidates(text).size(), mention_candidates_max);
  EXPECT_THAT(mention_candidates("@" + std::string(10'000, 'x')), IsEmpty());
}

TEST(MentionPlaces, AreThoseOfTheTextAlone) {
  const std::string text = "e\u0301 @Bob `@Bob` @Zoe\u0308";
  const MentionPlaces places{text};
  EXPECT_EQ(places.length(), count_characters(text));
  ASSERT_TRUE(places.find(3, 4));
  EXPECT_EQ(places.find(3, 4)->key, "bob");
  EXPECT_EQ(places.find(3, 4)->offset, 3U);
  EXPECT_FALSE(places.find(3, 3));   // cuts the word
  EXPECT_FALSE(places.find(3, 1));   // no name
  EXPECT_FALSE(places.find(4, 3));   // begins behind the "@"
  EXPECT_FALSE(places.find(9, 4));   // code
  EXPECT_FALSE(places.find(15, 4));  // cuts a cluster
  EXPECT_TRUE(places.find(15, 5));
  EXPECT_FALSE(places.find(0, 0));
  EXPECT_FALSE(places.find(places.length(), 0));
}

}  // namespace
}  // namespace fechatter
