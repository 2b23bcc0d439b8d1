#include "fechatter_core/compact_json.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace fechatter {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> texts_of(std::string_view object) {
  std::vector<std::string> texts;
  for (const auto& [name, value] : members_of(object)) {
    texts.push_back(std::string{name} + "=" + std::string{value});
  }
  return texts;
}

TEST(CompactJson, WhiteSpaceIsRemovedAndTheValueIsTheSame) {
  const std::string text =
      " {\r\n\t\"a b\" : [ 1 , -2.50e+3, \"x \\\" \\u00e9 \\n\" ] ,\"c\": { } , "
      "\"d\":[ ],\"e\" :true,\"f\":null } ";
  const auto compact = compact_json(text, 8);
  EXPECT_EQ(compact, R"({"a b":[1,-2.50e+3,"x \" \u00e9 \n"],"c":{},"d":[],"e":true,"f":null})");
  EXPECT_EQ(nlohmann::json::parse(*compact), nlohmann::json::parse(text));
}

TEST(CompactJson, OnlyValidJsonIsAccepted) {
  for (const auto* good : {"0", "-0.0", "10", "1E5", "\"\"", "[]", "false", "[[]]", "\"\\/\""}) {
    EXPECT_EQ(compact_json(good, 4), good);
  }
  for (const auto* bad :
       {"",     " ",     "01",      "-",        "1.",          ".5",         "1e",   "+1",
        "nul",  "truex", "\"",      "\"\\x\"",  "\"\\u12g4\"", "\"\t\"",     "\"\\", "[1,]",
        "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{a:1}",       "{\"a\":1,}", "[",    "{",
        "]",    "[}",    "1 2",     "\"\xff\"", "'a'",         "NaN"}) {
    EXPECT_EQ(compact_json(bad, 4), std::nullopt) << bad;
    EXPECT_FALSE(nlohmann::json::accept(bad)) << bad;
  }
  EXPECT_EQ(compact_json(std::string_view{"\"\0\"", 3}, 4), std::nullopt);
}

TEST(CompactJson, NestingBeyondTheLimitIsRefused) {
  EXPECT_TRUE(compact_json(R"([{"a":[1]}])", 3));
  EXPECT_FALSE(compact_json(R"([{"a":[1]}])", 2));
  EXPECT_TRUE(compact_json("[[],[],[]]", 2));
  EXPECT_FALSE(compact_json(std::string(100'000, '['), 32));
}

TEST(CompactJson, TheMembersOfAnObjectKeepTheirOrder) {
  EXPECT_THAT(texts_of(R"({"a":1,"b":{"x":[1,"}"],"y":","},"c":"\\","d\"":[],"a":null})"),
              ElementsAre("a=1", R"(b={"x":[1,"}"],"y":","})", R"(c="\\")", R"(d\"=[])", "a=null"));
  EXPECT_THAT(texts_of("{}"), IsEmpty());
}

}  // namespace
}  // namespace fechatter
