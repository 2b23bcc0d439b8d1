#include <gmock/gmock.h>

#include "fechatter_server/docs/yaml_json.hpp"

namespace fechatter::docs {
namespace {

using nlohmann::ordered_json;

TEST(YamlToJson, PlainScalarsHaveTypesAndQuotedOnesAreStrings) {
  const auto json = yaml_to_json(R"(
texts: [Active, 3.1.0, 1-2, "30", 'true', '', "null", 2026-03-01]
numbers: [30, -1, 0.5, 1e3]
others: [true, false, null, ~]
)");
  EXPECT_EQ(json.at("texts"),
            ordered_json::parse(R"(["Active","3.1.0","1-2","30","true","","null","2026-03-01"])"));
  EXPECT_EQ(json.at("numbers"), ordered_json::parse("[30, -1, 0.5, 1000.0]"));
  EXPECT_TRUE(json.at("numbers")[0].is_number_integer());
  EXPECT_EQ(json.at("others"), ordered_json::parse("[true, false, null, null]"));
}

TEST(YamlToJson, TheOrderOfKeysAndTheLinesOfBlocksAreKept) {
  EXPECT_EQ(yaml_to_json("b: 1\na: |\n  one\n  two\n'200': >\n  x\n  y\n").dump(),
            R"({"b":1,"a":"one\ntwo\n","200":"x y\n"})");
}

TEST(YamlToJson, AliasesAreFollowed) {
  EXPECT_EQ(yaml_to_json("a: &x [1]\nb: *x\n").dump(), R"({"a":[1],"b":[1]})");
}

TEST(YamlToJson, ARefusalNamesTheLine) {
  const auto refusal = [](const std::string& text) -> std::string {
    try {
      yaml_to_json(text);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(refusal("a: 1\nb: 2\na: 3\n"), testing::StartsWith("line 3: this key comes twice"));
  EXPECT_THAT(refusal("a: 1\n[b]: 2\n"), testing::StartsWith("line 2: a key must be a text"));
  EXPECT_THAT(refusal("a: &x {b: 1}\nc:\n  <<: *x\n"), testing::StartsWith("line 3: merging"));
  EXPECT_THAT(refusal("a: 1\nb: [2\n"), testing::StartsWith("line "));
}

}  // namespace
}  // namespace fechatter::docs
