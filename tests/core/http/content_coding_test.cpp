#include "fechatter_core/http/content_coding.hpp"

#include <gmock/gmock.h>

#include <utility>
#include <vector>

namespace fechatter::http {
namespace {

constexpr Codings both{.gzip = true, .br = true};

Coding chosen(const std::vector<std::string>& headers, const Codings& there = both) {
  Request request;
  for (const auto& header : headers) request.headers.emplace_back("accept-encoding", header);
  return choose_coding(request, there);
}

TEST(ContentCoding, IsIdentityForAClientThatNamesNone) {
  EXPECT_EQ(chosen({}), Coding::identity);
  EXPECT_EQ(chosen({""}), Coding::identity);
  EXPECT_EQ(chosen({"identity"}), Coding::identity);
  EXPECT_EQ(chosen({"deflate, zstd"}), Coding::identity);
}

TEST(ContentCoding, IsTheSmallestThatABrowserAccepts) {
  EXPECT_EQ(chosen({"gzip, deflate, br, zstd"}), Coding::br);
  EXPECT_EQ(chosen({"gzip, deflate"}), Coding::gzip);
  EXPECT_EQ(chosen({"x-gzip"}), Coding::gzip);
  EXPECT_EQ(chosen({"GZip"}), Coding::gzip);
  EXPECT_EQ(chosen({"*"}), Coding::br);
  EXPECT_EQ(chosen({"gzip", "br"}), Coding::br);
}

TEST(ContentCoding, IsTheOneOfTheHighestQuality) {
  EXPECT_EQ(chosen({"br;q=0.5, gzip;q=0.8"}), Coding::gzip);
  EXPECT_EQ(chosen({"br;q=0.8, gzip ; Q=0.8"}), Coding::br);
  EXPECT_EQ(chosen({"gzip;q=0.001, br;q=0"}), Coding::gzip);
  EXPECT_EQ(chosen({"gzip;q=0.5, identity"}), Coding::identity);
  EXPECT_EQ(chosen({"gzip, identity;q=0.5"}), Coding::gzip);
  EXPECT_EQ(chosen({"*;q=0.1, br;q=0"}), Coding::gzip);
}

TEST(ContentCoding, IsNoneThatIsRefused) {
  EXPECT_EQ(chosen({"br;q=0, gzip;q=0.000"}), Coding::identity);
  EXPECT_EQ(chosen({"*;q=0"}), Coding::identity);
  EXPECT_EQ(chosen({"br;q=0., gzip;q=0.0"}), Coding::identity);
}

TEST(ContentCoding, IsNoneThatIsNotThere) {
  EXPECT_EQ(chosen({"br"}, {.gzip = true, .br = false}), Coding::identity);
  EXPECT_EQ(chosen({"br, gzip;q=0.1"}, {.gzip = true, .br = false}), Coding::gzip);
  EXPECT_EQ(chosen({"br, gzip"}, {}), Coding::identity);
}

TEST(ContentCoding, IgnoresMembersThatAreMalformed) {
  for (const auto* header : {"br;q=2", "br;q=1.5", "br;q=-1", "br;q=", "br;q=0.1234", "br;q=.5",
                             "br;q=a", "br;q=1.0000", "br br", ";q=1", ",,,", "b", "brr", "**"}) {
    EXPECT_EQ(chosen({header}), Coding::identity) << header;
  }
  EXPECT_EQ(chosen({"br;q=9, gzip"}), Coding::gzip);
  EXPECT_EQ(chosen({"br;level=9;q=0.5, gzip;q=0.4"}), Coding::br);
}

TEST(ContentCoding, HasItsRegisteredName) {
  EXPECT_EQ(to_string(Coding::br), "br");
  EXPECT_EQ(to_string(Coding::gzip), "gzip");
  EXPECT_EQ(to_string(Coding::identity), "");
}

}  // namespace
}  // namespace fechatter::http
