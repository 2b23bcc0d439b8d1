#include "tests/support/json_schema.hpp"

#include <gmock/gmock.h>

namespace fechatter::test {
namespace {

using nlohmann::json;

struct SchemaRow {
  const char* schema;
  const char* fits;
  const char* does_not;
};

// One row for each keyword.
constexpr SchemaRow schema_rows[] = {
    {R"({"type":"integer"})", "1", "1.5"},
    {R"({"type":"number"})", "1", "\"1\""},
    {R"({"type":["string","null"]})", "null", "1"},
    {R"({"enum":["a","b"]})", "\"b\"", "\"c\""},
    {R"({"const":"a"})", "\"a\"", "null"},
    {R"({"minimum":1})", "1", "0"},
    {R"({"maximum":1})", "1", "2"},
    {R"({"minLength":2})", "\"éé\"", "\"é\""},
    {R"({"maxLength":2})", "\"éé\"", "\"abc\""},
    {R"({"pattern":"^a"})", "\"ab\"", "\"ba\""},
    {R"({"format":"uuid"})", "\"0191d2a6-6f7e-7c3b-9d51-8f6d4c2b1a09\"", "\"0191d2a6\""},
    {R"({"format":"email"})", "\"a@b\"", "\"ab\""},
    {R"({"format":"date-time"})", "\"2026-03-01T08:30:12.5Z\"", "\"2026-03-01\""},
    {R"({"minItems":1})", "[1]", "[]"},
    {R"({"maxItems":1})", "[1]", "[1,2]"},
    {R"({"items":{"type":"integer"}})", "[1,2]", "[1,null]"},
    {R"({"required":["a"],"properties":{"a":{}}})", R"({"a":1})", "{}"},
    {R"({"properties":{"a":{"type":"integer"}}})", R"({"a":1})", R"({"a":"1"})"},
    {R"({"properties":{"a":{}}})", R"({"a":1})", R"({"a":1,"b":2})"},
    {R"({"properties":{"a":{"properties":{}}}})", R"({"a":{}})", R"({"a":{"b":2}})"},
    {R"({"items":{"properties":{}}})", "[{}]", R"([{"b":2}])"},
    {R"({"$ref":"#/named"})", R"({"x":1})", R"({"x":"1"})"},
    {R"({"allOf":[{"$ref":"#/named"}],"properties":{"y":{}}})", R"({"x":1,"y":2})",
     R"({"x":1,"y":2,"z":3})"},
    {R"({"anyOf":[{"$ref":"#/named"},{"type":"null"}]})", "null", R"({"x":"1"})"},
    {R"({"oneOf":[{"type":"integer"},{"minimum":5}]})", "3", "7"},
    {R"({"type":"object","unknown_keyword":1})", "1", "{}"},
};

std::vector<std::string> defects(const char* schema, const char* value, OtherFields other_fields) {
  const auto document =
      json::parse(R"({"named":{"type":"object","properties":{"x":{"type":"integer"}}}})");
  return schema_defects(document, json::parse(schema), json::parse(value), other_fields);
}

TEST(JsonSchema, AViolationOfEachKeywordIsADefect) {
  for (const auto& row : schema_rows) {
    EXPECT_THAT(defects(row.schema, row.does_not, OtherFields::refused),
                testing::Not(testing::IsEmpty()))
        << row.schema << " " << row.does_not;
  }
}

TEST(JsonSchema, AFittingValueHasNoDefects) {
  for (const auto& row : schema_rows) {
    if (std::string_view{row.schema}.find("unknown_keyword") != std::string_view::npos) continue;
    EXPECT_THAT(defects(row.schema, row.fits, OtherFields::refused), testing::IsEmpty())
        << row.schema << " " << row.fits;
  }
}

TEST(JsonSchema, ADefectNamesItsPath) {
  EXPECT_THAT(
      defects(R"({"items":{"$ref":"#/named"}})", R"([{"x":1},{"x":null}])", OtherFields::refused),
      testing::ElementsAre(testing::StartsWith("/1/x: breaks type")));
}

TEST(JsonSchema, AnUndescribedFieldIsNoDefectWhereOtherFieldsAreAllowed) {
  constexpr auto* schema = R"({"properties":{"a":{}}})";
  constexpr auto* value = R"({"a":1,"b":2})";
  EXPECT_THAT(defects(schema, value, OtherFields::allowed), testing::IsEmpty());
  EXPECT_THAT(defects(R"({"additionalProperties":true})", value, OtherFields::refused),
              testing::IsEmpty());
}

}  // namespace
}  // namespace fechatter::test
