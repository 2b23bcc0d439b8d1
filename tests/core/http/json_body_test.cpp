#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "fechatter_core/error.hpp"
#include "fechatter_core/http/request.hpp"

namespace fechatter::http {
namespace {

using testing::HasSubstr;

Request json_request(std::string body, std::string content_type = "application/json") {
  Request request;
  request.body = std::move(body);
  request.headers.emplace_back("content-type", std::move(content_type));
  return request;
}

Error refusal_of(const Request& request, bool array_allowed = false) {
  try {
    const auto accepted = request.json_body(array_allowed);
    throw std::logic_error{"was not refused: " + accepted.dump()};
  } catch (const Error& error) {
    return error;
  }
}

Error refusal_of(std::string body) {
  return refusal_of(json_request(std::move(body)));
}

std::string nested(int levels) {
  std::string text = "1";
  for (int i = 1; i < levels; ++i) text = "[" + text + "]";
  return R"({"a":)" + text + "}";
}

TEST(JsonBody, IsReadWithAllItsKindsOfValue) {
  const auto body = json_request(R"({"s":"x","n":null,"b":true,"i":-1,"u":1,"f":1.5,"a":[1,{}]})");
  EXPECT_EQ(body.json_body(), nlohmann::json::parse(body.body));
}

TEST(JsonBody, MayNameItsCharsetInAnyCase) {
  EXPECT_TRUE(json_request("{}", "Application/JSON; charset=utf-8").json_body().is_object());
}

TEST(JsonBody, OfAnotherContentTypeIsUnsupported) {
  for (const auto* type :
       {"text/plain", "application/jsonx", "application/x-www-form-urlencoded", ""}) {
    EXPECT_EQ(refusal_of(json_request("{}", type)).code(), ErrorCode::unsupported_media_type)
        << type;
  }
  EXPECT_EQ(refusal_of(Request{}).code(), ErrorCode::unsupported_media_type);
}

TEST(JsonBody, ThatIsNoJsonIsMalformed) {
  for (const auto* text : {"", " ", "{", "{]", "{\"a\"}", "{} x", "{}{}", "{}]", "{},", "{}\v",
                           "nul", "{'a':1}", "{\"a\":01}", "[1,]"}) {
    EXPECT_EQ(refusal_of(text).code(), ErrorCode::malformed_json) << text;
  }
  EXPECT_THAT(refusal_of(R"({"a":x})").what(), HasSubstr("at byte 6"));
}

TEST(JsonBody, WithANulIsMalformedWhereverItStands) {
  const std::string nul(1, '\0');
  for (const auto& text : {"{}" + nul, "{}" + nul + "{\"b\":1}", nul + "{}", "{" + nul + "}",
                           "{\"a" + nul + "\":1}", "{\"a\":\"x" + nul + "\"}", "{} " + nul}) {
    EXPECT_THAT(refusal_of(text).what(), HasSubstr("NUL")) << text;
  }
  EXPECT_NO_THROW(json_request(R"({"a":"\u0000"})").json_body());
}

TEST(JsonBody, MayBeNested32LevelsDeepAndNoDeeper) {
  EXPECT_NO_THROW(json_request(nested(32)).json_body());
  EXPECT_EQ(refusal_of(nested(33)).code(), ErrorCode::malformed_json);
  EXPECT_THAT(refusal_of(nested(33)).what(), HasSubstr("nested deeper"));
  EXPECT_EQ(refusal_of(std::string(1'000'000, '[')).code(), ErrorCode::malformed_json);
}

TEST(JsonBody, ThatRepeatsAKeyIsMalformed) {
  EXPECT_THAT(refusal_of(R"({"a":1,"b":2,"a":3})").what(), HasSubstr("duplicate key"));
  EXPECT_THAT(refusal_of(R"({"a":{"b":1,"b":1}})").what(), HasSubstr("duplicate key"));
  EXPECT_THAT(refusal_of(R"({"a":1,"\u0061":2})").what(), HasSubstr("duplicate key"));
  EXPECT_NO_THROW(json_request(R"({"a":{"a":1},"b":[{"a":1},{"a":2}]})").json_body());
}

TEST(JsonBody, ThatIsNotUtf8IsMalformed) {
  for (const auto* bytes : {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    const auto refusal = refusal_of("{\"a\":\"" + std::string{bytes} + "\"}");
    EXPECT_EQ(refusal.code(), ErrorCode::malformed_json);
    EXPECT_THAT(refusal.what(), HasSubstr("invalid UTF-8"));
  }
  EXPECT_EQ(refusal_of(R"({"a":"\ud800"})").code(), ErrorCode::malformed_json);
}

TEST(JsonBody, MayHoldAnyNumberAndTurnsThoseBeyondInt64IntoDoubles) {
  for (const auto* number :
       {"9223372036854775808", "-9223372036854775809", "18446744073709551615",
        "18446744073709551616", "1e400", "-1E+999", "123456789012345678901234567890", "0.1e1000"}) {
    const auto text = R"({"s":"1e400 \"1e400","a":[)" + std::string{number} + R"(],"b":7})";
    const auto body = json_request(text).json_body();
    EXPECT_TRUE(body["a"][0].is_number_float()) << number;
    EXPECT_EQ(body["b"], 7) << number;
    EXPECT_EQ(body["s"], "1e400 \"1e400") << number;
  }
  const auto digits = json_request(R"({"a":)" + std::string(500, '9') + "}").json_body();
  EXPECT_TRUE(digits["a"].is_number_float());
  const auto body =
      json_request(R"({"a":9223372036854775807,"b":-9223372036854775808})").json_body();
  EXPECT_EQ(body["a"].get<std::int64_t>(), INT64_MAX);
  EXPECT_EQ(body["b"].get<std::int64_t>(), INT64_MIN);
}

TEST(JsonBody, WithALargeNumberKeepsTheGrammarOfNumbers) {
  for (const auto* number : {"01e400", "1e400.5", "+1e400", "1.e400", ".1e400", "1e400x", "-", "1e",
                             "--1e400", "1e400e400", "-01e400", "1e-1e400", "1e--1e400"}) {
    EXPECT_EQ(refusal_of("{\"a\":1e400,\"b\":" + std::string{number} + "}").code(),
              ErrorCode::malformed_json)
        << number;
  }
  EXPECT_THAT(refusal_of(R"({"a":1e400,"a":1})").what(), HasSubstr("duplicate key"));
}

TEST(JsonBody, WithALargeNumberKeepsSignsAndSmallNumbers) {
  const auto body = json_request(R"({"a":[1e400,-1e400,1e-400,-7]})").json_body();
  EXPECT_GT(body["a"][0], 1e299);
  EXPECT_LT(body["a"][1], -1e299);
  EXPECT_EQ(body["a"][2], 0.0);
  EXPECT_EQ(body["a"][3], -7);
}

// A search behind each digit took minutes of a core for one body of 1 MiB.
TEST(JsonBody, WithALargeNumberAndAMalformedOneIsRefusedAtOnce) {
  const auto before = std::chrono::steady_clock::now();
  for (const auto* end : {".", "e", ".e", "e+"}) {
    const auto text = R"({"a":1e400,"b":)" + std::string(1'000'000, '9') + end + "}";
    EXPECT_EQ(refusal_of(text).code(), ErrorCode::malformed_json);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds{5});
}

TEST(JsonBody, OfAnotherKindThanAnObjectIsAnInvalidField) {
  for (const auto* text : {"[]", "1", "null", "\"a\"", "true"}) {
    EXPECT_EQ(refusal_of(text).code(), ErrorCode::invalid_fields) << text;
  }
}

TEST(JsonBody, CanBeAnArrayWhereTheHandlerAllowsIt) {
  EXPECT_EQ(json_request("[1,2]").json_body(true), nlohmann::json({1, 2}));
  EXPECT_EQ(refusal_of(json_request("1"), true).code(), ErrorCode::invalid_fields);
}

}  // namespace
}  // namespace fechatter::http
