#include "fechatter_core/http/framing_guard.hpp"

#include "tests/core/http/test_server.hpp"

namespace fechatter::http {
namespace {

struct Row {
  std::string name;
  std::string head;
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

std::string get_with(const std::string& lines) {
  return "GET /hello HTTP/1.1\r\nHost: test\r\n" + lines + "\r\n";
}

std::string post_with(const std::string& lines) {
  return "POST /echo HTTP/1.1\r\nHost: test\r\n" + lines + "\r\n";
}

std::string get_line(const std::string& line) {
  return line + "\r\nHost: test\r\n\r\n";
}

const std::string nul_byte(1, '\0');

const std::vector<Row> refused_rows{
    {"BareLfAfterTheRequestLine", "GET /hello HTTP/1.1\nHost: test\r\n\r\n"},
    {"BareLfAfterAHeader", "GET /hello HTTP/1.1\r\nHost: test\n\r\n"},
    {"BareLfAsBlankLine", "GET /hello HTTP/1.1\r\nHost: test\r\n\n"},
    {"OnlyBareLf", "GET /hello HTTP/1.1\nHost: test\n\n"},
    {"BareCrInAValue", get_with("X-A: one\rX-B: two\r\n")},
    {"BareCrInTheTarget", get_line("GET /he\rllo HTTP/1.1")},
    {"TwoCrBeforeLf", get_with("X-A: one\r\r\n")},
    {"NulInAValue", get_with("X-A: o" + nul_byte + "ne\r\n")},
    {"NulInAName", get_with("X" + nul_byte + ": one\r\n")},
    {"NulInTheTarget", get_line("GET /he" + nul_byte + "llo HTTP/1.1")},
    {"ControlCharacterInAValue", get_with("X-A: o\x01ne\r\n")},
    {"VerticalTabBeforeChunked", post_with("Transfer-Encoding:\x0b"
                                           "chunked\r\n")},
    {"FoldedWithSpace", get_with("X-A: one\r\n two\r\n")},
    {"FoldedWithTab", get_with("X-A: one\r\n\ttwo\r\n")},
    {"FoldedFirstHeader", "GET /hello HTTP/1.1\r\n Host: test\r\n\r\n"},
    {"FoldedTransferEncoding", post_with("Transfer-Encoding:\r\n chunked\r\n")},
    {"SpaceBeforeTheColon", get_with("X-A : one\r\n")},
    {"TabBeforeTheColonOfTransferEncoding", post_with("Transfer-Encoding\t: chunked\r\n")},
    {"SpaceBeforeTheColonOfContentLength", post_with("Content-Length : 5\r\n")},
    {"NameThatIsNoToken", get_with("X(A): one\r\n")},
    {"NameWithASpaceInside", get_with("X A: one\r\n")},
    {"EmptyName", get_with(": one\r\n")},
    {"HeaderWithoutColon", get_with("nothing\r\n")},
    {"EncodingIdentity", post_with("Transfer-Encoding: identity\r\n")},
    {"EncodingChunkedThenGzip", post_with("Transfer-Encoding: chunked, gzip\r\n")},
    {"EncodingGzipAlone", post_with("Transfer-Encoding: gzip\r\n")},
    {"EncodingEmptyThenChunked", post_with("Transfer-Encoding: , chunked\r\n")},
    {"EncodingNoTokenThenChunked", post_with("Transfer-Encoding: g(zip, chunked\r\n")},
    {"EncodingGzipThenChunkedWithLength",
     post_with("Transfer-Encoding: gzip, chunked\r\nContent-Length: 5\r\n")},
    {"EncodingChunkedTwice", post_with("Transfer-Encoding: chunked, chunked\r\n")},
    {"EncodingChunkedRepeated",
     post_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
    {"EncodingQuoted", post_with("Transfer-Encoding: \"chunked\"\r\n")},
    {"EncodingMisspelt", post_with("Transfer-Encoding: xchunked\r\n")},
    {"EncodingEmpty", post_with("Transfer-Encoding:\r\n")},
    {"EncodingInCapitalsTwice", post_with("Transfer-Encoding: Chunked, CHUNKED\r\n")},
    {"EncodingInCapitalsWithLength",
     post_with("Transfer-Encoding: CHUNKED\r\nContent-Length: 5\r\n")},
    {"EncodingWithLength", post_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")},
    {"LengthWithEncoding", post_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")},
    {"LengthZeroWithEncoding", post_with("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n")},
    {"EncodingInHttp10",
     "POST /echo HTTP/1.0\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"LengthRepeatedUnlike", post_with("Content-Length: 0\r\nContent-Length: 44\r\n")},
    {"LengthRepeatedAlike", post_with("Content-Length: 0\r\nContent-Length: 0\r\n")},
    {"LengthListed", post_with("Content-Length: 0, 0\r\n")},
    {"LengthWithPlus", post_with("Content-Length: +0\r\n")},
    {"LengthNegative", post_with("Content-Length: -1\r\n")},
    {"LengthHexadecimal", post_with("Content-Length: 0x0\r\n")},
    {"LengthWithAFraction", post_with("Content-Length: 0.0\r\n")},
    {"LengthWithASpaceInside", post_with("Content-Length: 0 0\r\n")},
    {"LengthEmpty", post_with("Content-Length:\r\n")},
    {"LengthBeyond64Bits", post_with("Content-Length: 18446744073709551616\r\n")},
    {"NoHost", "GET /hello HTTP/1.1\r\n\r\n"},
    {"TwoHosts", get_with("Host: other\r\n")},
    {"TwoHostsAlike", get_with("Host: test\r\n")},
    {"TwoHostsInHttp10", "GET /hello HTTP/1.0\r\nHost: test\r\nHost: test\r\n\r\n"},
    {"TwoHostsInOne", "GET /hello HTTP/1.1\r\nHost: test, other\r\n\r\n"},
    {"HostWithAUser", "GET /hello HTTP/1.1\r\nHost: alice@test\r\n\r\n"},
    {"HostWithAPath", "GET /hello HTTP/1.1\r\nHost: test/other\r\n\r\n"},
    {"BodyOnGet", get_with("Content-Length: 44\r\n")},
    {"ChunkedBodyOnGet", get_with("Transfer-Encoding: chunked\r\n") + "0\r\n\r\n"},
    {"BodyOnHead", "HEAD /hello HTTP/1.1\r\nHost: test\r\nContent-Length: 44\r\n\r\n"},
    {"AbsoluteTargetWithoutHostHeader", "GET http://test/hello HTTP/1.1\r\n\r\n"},
    {"AbsoluteTargetWithTwoHosts", "GET http://test/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
    {"AbsoluteTargetWithAMalformedHost",
     "GET http://test/hello HTTP/1.1\r\nHost: test, other\r\n\r\n"},
    {"AbsoluteTargetWithoutAuthority", get_line("GET http:///hello HTTP/1.1")},
    {"AbsoluteTargetWithAPortOnly", get_line("GET http://:80/hello HTTP/1.1")},
    {"AbsoluteTargetWithAUser", get_line("GET http://alice@test/hello HTTP/1.1")},
    {"AbsoluteTargetWithAFragment", get_line("GET http://test/hello#there HTTP/1.1")},
    {"AbsoluteTargetWithOneSlash", get_line("GET http:/test/hello HTTP/1.1")},
    {"AbsoluteTargetOfAnotherScheme", get_line("GET ftp://test/hello HTTP/1.1")},
    {"AbsoluteTargetWithoutScheme", get_line("GET test/hello HTTP/1.1")},
    {"AbsoluteTargetWithABackslash", get_line("GET http:\\\\test/hello HTTP/1.1")},
    {"AuthorityTarget", get_line("CONNECT test:80 HTTP/1.1")},
    {"AsteriskTarget", get_line("OPTIONS * HTTP/1.1")},
    {"TargetWithAFragment", get_line("GET /hello#there HTTP/1.1")},
    {"TargetBeyondAscii", get_line("GET /h\xc3\xa9llo HTTP/1.1")},
    {"EmptyTarget", get_line("GET  HTTP/1.1")},
    {"TwoSpacesInTheRequestLine", get_line("GET /hello  HTTP/1.1")},
    {"SpaceInTheTarget", get_line("GET /hel lo HTTP/1.1")},
    {"SpaceAfterTheVersion", get_line("GET /hello HTTP/1.1 ")},
    {"TabInTheRequestLine", get_line("GET\t/hello HTTP/1.1")},
    {"MethodThatIsNoToken", get_line("G(T /hello HTTP/1.1")},
    {"NoMethod", get_line(" /hello HTTP/1.1")},
    {"NoVersion", get_line("GET /hello")},
    {"VersionTooOld", get_line("GET /hello HTTP/0.9")},
    {"VersionTooNew", get_line("GET /hello HTTP/2.0")},
    {"VersionUnknown", get_line("GET /hello HTTP/1.2")},
    {"VersionInSmallLetters", get_line("GET /hello http/1.1")},
    {"VersionWithManyDigits", get_line("GET /hello HTTP/1.10")},
    {"TwoEmptyLinesInFront", "\r\n\r\n" + get_with("")},
};

const std::vector<Row> accepted_rows{
    {"PlainGet", get_with("")},
    {"QueryAndEscapes", get_line("GET /a%20b?q=1&r=%2F HTTP/1.1")},
    {"GetWithLengthZero", get_with("Content-Length: 0\r\n")},
    {"PostWithLength", post_with("Content-Length: 5\r\n")},
    {"PostWithLengthAmongSpaces", post_with("Content-Length: \t 5 \r\n")},
    {"PostChunked", post_with("transfer-encoding: chunked\r\n")},
    {"PostChunkedInCapitals", post_with("Transfer-Encoding: Chunked\r\n")},
    {"AbsoluteTarget", get_line("GET http://test/hello HTTP/1.1")},
    {"AbsoluteTargetOfAnotherHost", get_line("GET http://other:80/hello?q=1 HTTP/1.1")},
    {"AbsoluteTargetInCapitals", get_line("GET HTTPS://TEST/hello HTTP/1.1")},
    {"AbsoluteTargetWithoutPath", get_line("GET http://[::1]:6688 HTTP/1.1")},
    {"Http10WithoutHost", "GET /hello HTTP/1.0\r\n\r\n"},
    {"HostWithAPort", "GET /hello HTTP/1.1\r\nHost: [::1]:6688\r\n\r\n"},
    {"EmptyHost", "GET /hello HTTP/1.1\r\nHost:\r\n\r\n"},
    {"Utf8InAValue", get_with("X-A: caf\xc3\xa9\r\n")},
    {"TabInAValue", get_with("X-A: one\ttwo\r\n")},
    {"UnknownMethod", get_line("BREW /hello HTTP/1.1")},
};

std::string name_of(const testing::TestParamInfo<Row>& info) {
  return info.param.name;
}

class RefusedHead : public testing::TestWithParam<Row> {};
class AcceptedHead : public testing::TestWithParam<Row> {};

INSTANTIATE_TEST_SUITE_P(Framing, RefusedHead, testing::ValuesIn(refused_rows), name_of);
INSTANTIATE_TEST_SUITE_P(Framing, AcceptedHead, testing::ValuesIn(accepted_rows), name_of);

TEST_P(RefusedHead, HasADefect) {
  EXPECT_TRUE(find_framing_defect(GetParam().head).has_value());
}

TEST_P(RefusedHead, IsRefusedWith400AndNoRequestBehindItIsServed) {
  TestServer server;
  RawClient mallory{server.port()};
  const auto answer = mallory.ask(GetParam().head + get("/hidden"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.header("content-type"), "application/problem+json");
  if (!GetParam().head.starts_with("HEAD ")) {
    EXPECT_EQ(answer.json().at("code"), "request.malformed");
  }
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_EQ(mallory.read_until_closed(), "");
  EXPECT_EQ(server.hidden, 0);
  EXPECT_EQ(server.handled, 0);
}

TEST_P(AcceptedHead, HasNoDefect) {
  EXPECT_FALSE(find_framing_defect(GetParam().head).has_value());
}

TEST(FramingGuard, DistinguishesCodingsThatAreNotImplemented) {
  for (const auto* value : {"gzip, chunked", "identity,chunked", "br , GZIP,\tChunked"}) {
    const auto head = post_with("Transfer-Encoding: " + std::string{value} + "\r\n");
    const auto defect = find_framing_defect(head);
    ASSERT_TRUE(defect) << value;
    EXPECT_EQ(defect->code, ErrorCode::not_implemented) << value;
    EXPECT_FALSE(defect->has_certain_end) << value;
  }
}

TEST(FramingGuard, KnowsTheEndOfABodyOnGetOnlyWhenItIsFramedProperly) {
  EXPECT_TRUE(find_framing_defect(get_with("Content-Length: 4\r\n"))->has_certain_end);
  EXPECT_TRUE(find_framing_defect(get_with("Transfer-Encoding: chunked\r\n"))->has_certain_end);
  const auto both = get_with("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n");
  EXPECT_FALSE(find_framing_defect(both)->has_certain_end);
}

TEST(FramingGuard, RefusesAHeadThatIsCutOff) {
  const auto whole = get_with("X-A: one\r\n");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_TRUE(find_framing_defect(whole.substr(0, size))) << size;
  }
}

TEST(FramingGuard, RefusesBytesBehindTheBlankLine) {
  EXPECT_TRUE(find_framing_defect(get_with("") + "x"));
}

}  // namespace
}  // namespace fechatter::http
