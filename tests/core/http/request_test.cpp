#include "fechatter_core/http/request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fechatter_core/error.hpp"
#include "fechatter_core/http/structured_field.hpp"
#include "fechatter_core/http/uri.hpp"
#include "fechatter_core/utf8.hpp"

namespace fechatter::http {
namespace {

Request with_header(std::string name, std::string value) {
  Request request;
  request.headers.emplace_back(std::move(name), std::move(value));
  return request;
}

Request with_query(std::string query) {
  Request request;
  request.query = std::move(query);
  return request;
}

template <class Read>
ErrorCode refusal_of(Read read) {
  try {
    read();
  } catch (const Error& error) {
    return error.code();
  }
  throw std::logic_error{"was not refused"};
}

TEST(Request, FindsTheFirstHeaderOfAName) {
  auto request = with_header("x-a", "1");
  request.headers.emplace_back("x-a", "2");
  EXPECT_EQ(*request.find_header("x-a"), "1");
  EXPECT_EQ(request.find_header("x-b"), nullptr);
}

TEST(Request, FindsCookiesInEveryCookieHeader) {
  auto request = with_header("cookie", "a=1; refresh_token=\"x=y\"; empty=; a=3");
  request.headers.emplace_back("cookie", "b=2;a=1");
  const auto are = [](auto... values) { return std::vector<std::string>{values...}; };
  EXPECT_EQ(request.cookies("a"), are("1", "3", "1"));
  EXPECT_EQ(request.cookies("refresh_token"), are("x=y"));
  EXPECT_EQ(request.cookies("empty"), are(""));
  EXPECT_EQ(request.cookies("b"), are("2"));
  EXPECT_EQ(request.cookies("token"), are());
}

TEST(Request, ComparesTheNamesOfCookiesExactly) {
  const auto request = with_header(
      "cookie", "__host-t=1; xx__Host-t=2; __Host-tx=3; \u2000__Host-t=4; =__Host-t=5; __Host-t");
  EXPECT_EQ(request.cookies("__Host-t"), std::vector<std::string>{""});
}

TEST(Request, DecodesQueryParameters) {
  const auto request = with_query("q=caf%C3%A9+au%20lait&flag&%61=b&e=a%3D%26");
  EXPECT_EQ(request.find_query("q"), "café au lait");
  EXPECT_EQ(request.find_query("flag"), "");
  EXPECT_EQ(request.find_query("a"), "b");
  EXPECT_EQ(request.find_query("e"), "a=&");
  EXPECT_EQ(request.find_query("z"), std::nullopt);
}

TEST(Request, RefusesAQueryParameterThatIsThereTwice) {
  for (const auto* query : {"q=1&q=2", "q=1&q=1", "q&a=1&q", "q=1&%71=2", "q=&q=%"}) {
    const auto request = with_query(query);
    EXPECT_EQ(refusal_of([&] { request.find_query("q"); }), ErrorCode::invalid_fields) << query;
  }
  EXPECT_EQ(with_query("a=1&a=2&q=3").find_query("q"), "3");
}

TEST(Request, ListsTheQueryParametersThatNoHandlerAskedFor) {
  const auto request = with_query("limit=1&limt=2&%71=3&a,b=4&&=5&limt=6&x%zz&token");
  request.find_query("limit");
  request.find_query("q");
  EXPECT_EQ(request.ignored_parameters(), "limt, a%2Cb, x%zz, token");
  EXPECT_EQ(with_query("").ignored_parameters(), "");
}

TEST(Request, ListsALimitedPartOfManyIgnoredParameters) {
  std::string query;
  for (int i = 0; i < 1000; ++i) query += std::to_string(i) + std::string(100, 'x') + "=1&";
  const auto list = with_query(query).ignored_parameters();
  EXPECT_EQ(std::count(list.begin(), list.end(), ','), 15);
  EXPECT_LE(list.size(), 16 * 66U);
}

TEST(Request, AcceptsABodyInNoContentCodingOnly) {
  for (const auto* coding : {"gzip", "br", "GZIP", "identity, gzip", "x"}) {
    const auto request = with_header("content-encoding", coding);
    EXPECT_EQ(refusal_of([&] { request.require_plain_body(); }),
              ErrorCode::unsupported_content_coding)
        << coding;
  }
  EXPECT_NO_THROW(with_header("content-encoding", "Identity").require_plain_body());
  EXPECT_NO_THROW(with_header("content-encoding", "").require_plain_body());
  auto repeated = with_header("content-encoding", "identity");
  repeated.headers.emplace_back("content-encoding", "gzip");
  EXPECT_THROW(repeated.require_plain_body(), Error);
}

TEST(StructuredField, IsATextWithQuotesOrWithout) {
  EXPECT_EQ(item_text("abc"), "abc");
  EXPECT_EQ(item_text("\"abc\""), "abc");
  EXPECT_EQ(item_text("\"a\\\"b\\\\c\";p=1"), "a\"b\\c");
  EXPECT_EQ(item_text("\"\""), "");
  for (const auto* value : {"\"", "\"abc", "\"abc\"d", "\"a\\b\"", "\"a\\", "\"\xc3\xa9\""}) {
    EXPECT_EQ(item_text(value), std::nullopt) << value;
  }
}

TEST(Request, RefusesQueryParametersThatAreNoText) {
  for (const auto* query : {"q=%", "q=%4", "q=%zz", "q=%00", "q=%ff", "q=%ed%a0%80"}) {
    const auto request = with_query(query);
    EXPECT_EQ(refusal_of([&] { request.find_query("q"); }), ErrorCode::malformed_request) << query;
    EXPECT_EQ(request.find_query("other"), std::nullopt);
  }
}

TEST(Request, HasATokenInAuthorizationBearerOnly) {
  EXPECT_EQ(with_header("authorization", "Bearer abc").bearer_token(), "abc");
  EXPECT_EQ(with_header("authorization", "bearer  abc").bearer_token(), "abc");
  for (const auto* value : {"", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "Bearerabc"}) {
    EXPECT_EQ(with_header("authorization", value).bearer_token(), std::nullopt) << value;
  }
  EXPECT_EQ(Request{}.bearer_token(), std::nullopt);
}

TEST(Request, ReadsPathIdsThatArePositiveWholeNumbers) {
  Request request;
  request.path_parameters.emplace_back("id", "9223372036854775807");
  EXPECT_EQ(request.id_of<ChatId>("id"), ChatId{INT64_MAX});
  for (const auto* text :
       {"0", "-1", "x", "1x", "", "+1", " 1", "1.0", "01", "9223372036854775808"}) {
    request.path_parameters[0].second = text;
    EXPECT_EQ(refusal_of([&] { request.id_of<ChatId>("id"); }), ErrorCode::malformed_id) << text;
  }
  EXPECT_EQ(refusal_of([&] { request.id_of<ChatId>("other"); }), ErrorCode::malformed_id);
}

TEST(Request, ReadsQueryNumbersWithinTheirRange) {
  EXPECT_EQ(with_query("limit=1").query_number("limit", 50, 1, 100), 1);
  EXPECT_EQ(with_query("limit=100").query_number("limit", 50, 1, 100), 100);
  EXPECT_EQ(with_query("").query_number("limit", 50, 1, 100), 50);
  for (const auto* query :
       {"limit=0", "limit=101", "limit=x", "limit=", "limit=1e1", "limit=1%20"}) {
    const auto read = [&] { with_query(query).query_number("limit", 50, 1, 100); };
    EXPECT_EQ(refusal_of(read), ErrorCode::invalid_fields) << query;
  }
}

TEST(Request, CutsALimitToItsMaximumAndSaysSo) {
  const auto exact = with_query("limit=100");
  EXPECT_EQ(exact.page_limit(50, 100), 100);
  EXPECT_EQ(exact.applied_limit(), std::nullopt);
  EXPECT_EQ(with_query("").page_limit(50, 100), 50);
  for (const auto* query : {"limit=101", "limit=9223372036854775807", "limit=9223372036854775808",
                            "limit=99999999999999999999999"}) {
    const auto request = with_query(query);
    EXPECT_EQ(request.page_limit(50, 100), 100) << query;
    EXPECT_EQ(request.applied_limit(), 100) << query;
  }
  for (const auto* query : {"limit=0", "limit=-1", "limit=-99999999999999999999", "limit=x",
                            "limit=", "limit=1e9", "limit=007", "limit=101%20", "limit=%2B101"}) {
    const auto request = with_query(query);
    const auto read = [&] { request.page_limit(50, 100); };
    EXPECT_EQ(refusal_of(read), ErrorCode::invalid_fields) << query;
    EXPECT_EQ(request.applied_limit(), std::nullopt) << query;
  }
}

TEST(Request, ReadsNumbersOfOneSpelling) {
  EXPECT_EQ(with_query("offset=0").query_number("offset", 9, 0, 100), 0);
  for (const auto* query : {"offset=-0", "offset=00", "offset=007", "offset=+7", "offset=7.0"}) {
    const auto read = [&] { with_query(query).query_number("offset", 9, 0, 100); };
    EXPECT_EQ(refusal_of(read), ErrorCode::invalid_fields) << query;
  }
}

TEST(PercentDecoding, LeavesAPlusWhereItIsOne) {
  EXPECT_EQ(percent_decoded("a+b", Plus::is_plus), "a+b");
  EXPECT_EQ(percent_decoded("a+b", Plus::is_space), "a b");
}

TEST(Utf8, AcceptsShortestFormsOnly) {
  for (const auto* text : {"", "a", "é", "€", "👩", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  for (const auto* text : {"\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf",
                           "\xf5\x80\x80\x80", "\xe2\x82", "a\xc3", "\xc3\x41", "\xed\xbf\xbf"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

}  // namespace
}  // namespace fechatter::http
