#include "fechatter_core/http/json_fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "fechatter_core/model/ids.hpp"

namespace fechatter::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

JsonFields fields_of(std::string_view json) {
  return JsonFields{nlohmann::json::parse(json)};
}

// "field: detail" of each invalid field.
std::vector<std::string> errors_of(const JsonFields& fields) {
  std::vector<std::string> errors;
  try {
    fields.check();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_fields);
    for (const auto& [field, detail] : error.fields()) errors.push_back(field + ": " + detail);
  }
  return errors;
}

TEST(JsonFields, AreReadWhenTheyAreValid) {
  auto fields = fields_of(R"({"name":"Alice","about":"x","members":[1,2],"reply_to":7,"id":9,
                              "files":["a","b"],"loud":true,"limit":5,"unknown":{}})");
  EXPECT_EQ(fields.text("name", {1, 50}), "Alice");
  EXPECT_EQ(fields.find_text("about", {0, 5}), "x");
  EXPECT_THAT(fields.ids<UserId>("members", 2), ElementsAre(UserId{1}, UserId{2}));
  EXPECT_EQ(fields.find_id<MessageId>("reply_to"), MessageId{7});
  EXPECT_EQ(fields.id<ChatId>("id"), ChatId{9});
  EXPECT_THAT(fields.texts("files", 2, {1, 1}), ElementsAre("a", "b"));
  EXPECT_TRUE(fields.flag("loud", false));
  EXPECT_EQ(fields.find_number("limit", 1, 5), 5);
  EXPECT_THAT(errors_of(fields), IsEmpty());
}

TEST(JsonFields, ThatAreOptionalMayBeAbsentOrNull) {
  for (const auto* json : {"{}", R"({"a":null})"}) {
    auto fields = fields_of(json);
    EXPECT_EQ(fields.find_text("a", {1, 5}), std::nullopt);
    EXPECT_EQ(fields.find_id<ChatId>("a"), std::nullopt);
    EXPECT_THAT(fields.ids<UserId>("a", 5), IsEmpty());
    EXPECT_THAT(fields.texts("a", 5, {1, 5}), IsEmpty());
    EXPECT_TRUE(fields.flag("a", true));
    EXPECT_EQ(fields.find_number("a", 1, 5), std::nullopt);
    EXPECT_FALSE(fields.has("a"));
    EXPECT_THAT(errors_of(fields), IsEmpty());
  }
}

TEST(JsonFields, BeyondInt64AreNamedAndNotWrapped) {
  constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
  constexpr auto highest = std::numeric_limits<std::int64_t>::max();
  for (const auto* number : {"9223372036854775808", "18446744073709551615", "1e30"}) {
    JsonFields fields{nlohmann::json::parse(std::string{"{\"seq\":"} + number + "}")};
    EXPECT_EQ(fields.find_number("seq", lowest, highest), std::nullopt) << number;
    EXPECT_THROW(fields.check(), Error) << number;
  }
}

TEST(JsonFields, ThatLimitAListAreTheLargestNumberBeyondInt64) {
  constexpr auto highest = std::numeric_limits<std::int64_t>::max();
  const auto limit = [](const std::string& number) {
    JsonFields fields{nlohmann::json::parse("{\"limit\":" + number + "}")};
    const auto read = fields.find_limit("limit");
    if (read) fields.check();
    return read;
  };
  for (const auto* number : {"9223372036854775807", "9223372036854775808", "18446744073709551615",
                             "100000000000000000000"}) {
    EXPECT_EQ(limit(number), highest) << number;
  }
  EXPECT_EQ(limit("7"), 7);
  for (const auto* number : {"0", "-1", "-9223372036854775809", "1.5", "\"7\"", "true"}) {
    EXPECT_EQ(limit(number), std::nullopt) << number;
  }
}

TEST(JsonFields, ThatAreRequiredAreNamedOnceWhenMissing) {
  auto fields = fields_of(R"({"b":null})");
  EXPECT_EQ(fields.text("a", {1, 5}), "");
  EXPECT_EQ(fields.id<ChatId>("b"), ChatId{});
  EXPECT_THAT(errors_of(fields), ElementsAre("a: is required", "b: is required"));
}

TEST(JsonFields, OfTheWrongTypeAreNamed) {
  auto fields =
      fields_of(R"({"a":1,"b":"1","c":{},"d":[1,"x",2.0],"e":["x",1],"f":"true","g":1.5})");
  fields.text("a", {1, 5});
  fields.find_id<ChatId>("b");
  fields.ids<UserId>("c", 5);
  EXPECT_THAT(fields.ids<UserId>("d", 5), ElementsAre(UserId{1}));
  EXPECT_THAT(fields.texts("e", 5, {1, 5}), ElementsAre("x"));
  fields.flag("f", true);
  fields.find_number("g", 1, 5);
  EXPECT_THAT(errors_of(fields),
              ElementsAre("a: must be a string", "b: must be a positive whole number",
                          "c: must be an array", "d[1]: must be a positive whole number",
                          "d[2]: must be a positive whole number", "e[1]: must be a string",
                          "f: must be true or false", "g: must be a whole number from 1 to 5"));
}

TEST(JsonFields, AreMeasuredInCharactersNotInBytes) {
  auto fields = fields_of(R"({"four":"äöü€","five":"👩👩👩👩👩","short":"a","empty":""})");
  EXPECT_EQ(fields.text("four", {4, 4}), "äöü€");
  fields.text("five", {1, 4});
  fields.text("short", {2, 4});
  fields.text("empty", {1, 4});
  EXPECT_THAT(errors_of(fields),
              ElementsAre("five: must have at most 4 characters",
                          "short: must have at least 2 characters", "empty: must not be empty"));
}

TEST(JsonFields, MustNotContainControlCharactersOtherThanTabAndLineEnds) {
  constexpr const char* detail =
      ": must not contain control characters other than tab and line ends";
  for (char c = 0; c < 0x20; ++c) {
    const auto text = std::string{"x"} + c + "y";
    JsonFields fields{nlohmann::json{{"a", text}, {"b", {text}}}};
    const auto a = fields.text("a", {1, 5});
    const auto b = fields.texts("b", 5, {1, 5});
    if (c == '\t' || c == '\n' || c == '\r') {
      EXPECT_EQ(a, text);
      EXPECT_THAT(b, ElementsAre(text));
      EXPECT_THAT(errors_of(fields), IsEmpty());
    } else {
      EXPECT_THAT(errors_of(fields),
                  ElementsAre(std::string{"a"} + detail, std::string{"b[0]"} + detail))
          << int{c};
    }
  }
}

TEST(JsonFields, MustBePositiveIds) {
  auto fields = fields_of(R"({"a":0,"b":-1,"c":[1,0]})");
  fields.find_id<ChatId>("a");
  fields.id<ChatId>("b");
  fields.ids<UserId>("c", 2);
  EXPECT_THAT(errors_of(fields), ElementsAre("a: must be a positive whole number",
                                             "b: must be a positive whole number",
                                             "c[1]: must be a positive whole number"));
}

TEST(JsonFields, WithTooManyElementsAreOneErrorAndAreNotRead) {
  auto fields = fields_of(R"({"a":[1,2,"x"],"b":["","",""]})");
  EXPECT_THAT(fields.ids<UserId>("a", 2), IsEmpty());
  EXPECT_THAT(fields.texts("b", 2, {1, 5}), IsEmpty());
  EXPECT_THAT(errors_of(fields),
              ElementsAre("a: must have at most 2 elements", "b: must have at most 2 elements"));
}

TEST(JsonFields, AreReadByTheirAliasWhenAbsent) {
  auto fields = fields_of(R"({"workspace":null,"workspace_name":"acme","name":"a","title":"a"})");
  fields.alias("workspace", "workspace_name");
  fields.alias("name", "title");
  EXPECT_EQ(fields.text("workspace", {1, 32}), "acme");
  EXPECT_EQ(fields.text("name", {1, 32}), "a");
  EXPECT_THAT(errors_of(fields), IsEmpty());
}

TEST(JsonFields, AreRejectedWhenTheirAliasDiffers) {
  auto fields = fields_of(R"({"members":[1,2],"member_ids":[1],"name":"a","title":null})");
  fields.alias("members", "member_ids");
  fields.alias("name", "title");
  EXPECT_THAT(errors_of(fields),
              ElementsAre("member_ids: differs from members, which it is an older name of"));
}

TEST(JsonFields, AreNamedAsTheyWereSent) {
  auto fields = fields_of(R"({"workspace_name":1})");
  fields.alias("workspace", "workspace_name");
  fields.alias("members", "member_ids");
  fields.text("workspace", {1, 32});
  fields.id<ChatId>("members");
  EXPECT_THAT(errors_of(fields),
              ElementsAre("workspace_name: must be a string", "members: is required"));
}

TEST(JsonFields, MayBeRejectedByTheCaller) {
  auto fields = fields_of("{}");
  fields.reject("chat_type", "must be one of Single, Group");
  EXPECT_THAT(errors_of(fields), ElementsAre("chat_type: must be one of Single, Group"));
}

TEST(JsonFields, AreGivenAsTheyWereSent) {
  const auto fields = fields_of(R"({"ranges":[{"length":2}],"nothing":null})");
  EXPECT_EQ(fields.value("ranges")[0]["length"], 2);
  EXPECT_TRUE(fields.value("nothing").is_null());
  EXPECT_TRUE(fields.value("absent").is_null());
}

TEST(JsonFields, AreSummedUpInTheDetail) {
  auto fields = fields_of("{}");
  for (const auto* name : {"a", "b", "c", "d", "e"}) fields.text(name, {1, 5});
  try {
    fields.check();
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "a is required; b is required; c is required; and 2 more");
    EXPECT_EQ(error.fields().size(), 5U);
  }
}

}  // namespace
}  // namespace fechatter::http
