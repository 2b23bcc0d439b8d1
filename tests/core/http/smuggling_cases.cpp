#include "tests/core/http/smuggling_cases.hpp"

#include "tests/core/http/raw_client.hpp"

namespace fechatter::http {
namespace {

const std::string nul(1, '\0');
const std::string hidden = get("/hidden");
const std::string hidden_post = post("/hidden", "");

std::string head_of(const std::string& line, const std::string& fields) {
  return line + "\r\nHost: test\r\n" + fields + "\r\n\r\n";
}

std::string post_with(const std::string& fields) {
  return head_of("POST /echo HTTP/1.1", fields);
}

std::string hexadecimal(std::size_t number) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (; number > 0; number /= 16) text.insert(0, 1, digits[number % 16]);
  return text;
}

const std::string chunked = "Transfer-Encoding: chunked";
const std::string last_chunk = "0\r\n\r\n";
// For a server that parses chunks the hidden request is one of them.
const std::string in_a_chunk = hexadecimal(hidden.size()) + "\r\n" + hidden + "\r\n" + last_chunk;

std::string length_of(const std::string& body) {
  return "Content-Length: " + std::to_string(body.size());
}

// A server that uses the length reads all of it as a body; one that parses chunks finds a request
// behind the last one.
SmugglingCase length_and(const std::string& name, const std::string& encoding) {
  const auto rest = last_chunk + hidden;
  return {name, 400, post_with(length_of(rest) + "\r\n" + encoding), {rest}};
}

// Without a length: a server that ignores the encoding parses the body as the next request; one
// that parses chunks finds a request in them.
SmugglingCase encoding_only(const std::string& name, const std::string& value) {
  return {name, 400, post_with("Transfer-Encoding: " + value), {hidden, in_a_chunk}};
}

// A list that ends in `chunked`: the other codings are not implemented.
SmugglingCase unknown_encoding(const std::string& name, const std::string& value) {
  auto tried = encoding_only(name, value);
  tried.status = 501;
  return tried;
}

// A length that one server reads as 0 and another one as 36, the size of the hidden request.
SmugglingCase length_only(const std::string& name, const std::string& field, int status = 400) {
  return {name, status, post_with(field), {hidden}};
}

SmugglingCase chunks(const std::string& name, const std::string& body, int status = 400) {
  return {name, status, post_with(chunked), {body}};
}

std::string many_fields() {
  std::string fields = "X-0: 0";
  for (int i = 1; i <= 120; ++i) fields += "\r\nX-" + std::to_string(i) + ": 1";
  return fields;
}

}  // namespace

void PrintTo(const SmugglingCase& tried, std::ostream* out) {
  *out << tried.name;
}

std::vector<SmugglingCase> encoding_cases() {
  return {
      length_and("LengthThenEncoding", chunked),
      {"EncodingThenLength", 400, post_with(chunked + "\r\nContent-Length: 4"), {in_a_chunk}},
      {"LengthZeroAndEncoding",
       400,
       post_with("Content-Length: 0\r\n" + chunked),
       {last_chunk + hidden}},
      {"MalformedLengthAndEncoding",
       400,
       post_with("Content-Length: x\r\n" + chunked),
       {in_a_chunk}},
      {"BothOnGet",
       400,
       head_of("GET /hello HTTP/1.1", "Content-Length: 4\r\n" + chunked),
       {in_a_chunk}},
      length_and("NamesInOtherCase", "tRANSFER-eNCODING: chunked"),
      length_and("SpaceBeforeTheColon", "Transfer-Encoding : chunked"),
      length_and("TabBeforeTheColon", "Transfer-Encoding\t: chunked"),
      length_and("VerticalTabBeforeTheValue",
                 "Transfer-Encoding:\x0b"
                 "chunked"),
      length_and("FormFeedBeforeTheValue",
                 "Transfer-Encoding:\x0c"
                 "chunked"),
      length_and("NulBeforeTheValue", "Transfer-Encoding: " + nul + "chunked"),
      length_and("NulBehindTheValue", "Transfer-Encoding: chunked" + nul),
      length_and("NulInTheName", "Transfer" + nul + "-Encoding: chunked"),
      length_and("ByteOrderMarkBeforeTheName", "\xef\xbb\xbfTransfer-Encoding: chunked"),
      length_and("BehindABareLf", "X-A: one\nTransfer-Encoding: chunked"),
      length_and("BehindABareCr", "X-A: one\rTransfer-Encoding: chunked"),
      length_and("BehindTwoCr", "X-A: one\r\r\nTransfer-Encoding: chunked"),
      length_and("FoldedValue", "Transfer-Encoding:\r\n chunked"),
      length_and("FoldedValueWithATab", "Transfer-Encoding:\r\n\tchunked"),
      length_and("FoldedOntoTheLineBefore", "X-A: one\r\n Transfer-Encoding: chunked"),
      length_and("NameWithoutItsColon", "Transfer-Encoding\r\n: chunked"),
      length_and("AnotherEncodingFirst", "Transfer-Encoding: identity\r\n" + chunked),
      length_and("AnotherEncodingBehind", chunked + "\r\nTransfer-Encoding: cow"),
      encoding_only("Misspelt", "xchunked"),
      encoding_only("WithATail", "chunkedx"),
      encoding_only("WithAParameter", "chunked;q=1"),
      encoding_only("Quoted", "\"chunked\""),
      encoding_only("InApostrophes", "'chunked'"),
      length_and("InCapitals", "Transfer-Encoding: CHUNKED"),
      encoding_only("Identity", "identity"),
      encoding_only("ChunkedThenIdentity", "chunked, identity"),
      unknown_encoding("IdentityThenChunked", "identity, chunked"),
      encoding_only("ChunkedTwice", "chunked, chunked"),
      encoding_only("EmptyThenChunked", ", chunked"),
      encoding_only("ChunkedThenEmpty", "chunked,"),
      unknown_encoding("GzipThenChunked", "gzip, chunked"),
      encoding_only("ChunkedThenGzip", "chunked, gzip"),
      encoding_only("Deflate", "deflate"),
      encoding_only("Empty", ""),
      encoding_only("RepeatedAlike", "chunked\r\n" + chunked),
      {"InHttp10", 400, head_of("POST /echo HTTP/1.0", chunked), {in_a_chunk}},
      {"OnGet", 400, head_of("GET /hello HTTP/1.1", chunked), {in_a_chunk}},
      {"OnHead", 400, head_of("HEAD /hello HTTP/1.1", chunked), {in_a_chunk}},
  };
}

std::vector<SmugglingCase> length_cases() {
  return {
      length_only("RepeatedUnlike", "Content-Length: 0\r\nContent-Length: 36"),
      length_only("RepeatedUnlikeOtherWay", "Content-Length: 36\r\nContent-Length: 0"),
      length_only("RepeatedAlike", "Content-Length: 36\r\nContent-Length: 36"),
      length_only("RepeatedInOtherCase", "Content-Length: 36\r\ncontent-length: 0"),
      length_only("Listed", "Content-Length: 0, 36"),
      length_only("ListedAlike", "Content-Length: 36, 36"),
      length_only("WithPlus", "Content-Length: +36"),
      length_only("Negative", "Content-Length: -36"),
      length_only("NegativeZero", "Content-Length: -0"),
      length_only("Hexadecimal", "Content-Length: 0x24"),
      length_only("WithAFraction", "Content-Length: 36.0"),
      length_only("WithAnExponent", "Content-Length: 36e0"),
      length_only("WithASpaceInside", "Content-Length: 3 6"),
      length_only("WithAnUnderscore", "Content-Length: 3_6"),
      length_only("WithAParameter", "Content-Length: 36;x=y"),
      length_only("Quoted", "Content-Length: \"36\""),
      length_only("Empty", "Content-Length:"),
      length_only("FullWidthDigits", "Content-Length: \xef\xbc\x93\xef\xbc\x96"),
      length_only("WithANul", "Content-Length: 36" + nul),
      length_only("WithAVerticalTab",
                  "Content-Length:\x0b"
                  "36"),
      length_only("Folded", "Content-Length:\r\n 36"),
      length_only("SpaceBeforeTheColon", "Content-Length : 36"),
      length_only("BehindABareLf", "X-A: one\nContent-Length: 36"),
      length_only("BehindABareCr", "X-A: one\rContent-Length: 36"),
      length_only("Beyond64Bits", "Content-Length: 18446744073709551616"),
      length_only("Wrapped64Bits", "Content-Length: 18446744073709551652"),
      length_only("Wrapped32Bits", "Content-Length: 4294967332", 413),
      length_only("BeyondTheLimit", "Content-Length: 1048577", 413),
      {"OnGet", 400, head_of("GET /hello HTTP/1.1", length_of(hidden)), {hidden}},
      {"OnHead", 400, head_of("HEAD /hello HTTP/1.1", length_of(hidden)), {hidden}},
      {"OfAPostOnGet", 400, head_of("GET /hello HTTP/1.1", length_of(hidden_post)), {hidden_post}},
  };
}

std::vector<SmugglingCase> line_cases() {
  return {
      {"TwoHosts", 400, head_of("GET /hello HTTP/1.1", "Host: other"), {hidden}},
      {"NoHost", 400, "GET /hello HTTP/1.1\r\n\r\n", {hidden}},
      {"HostFolded", 400, "GET /hello HTTP/1.1\r\nX-A: 1\r\n Host: test\r\n\r\n", {hidden}},
      {"HostWithAUser", 400, "GET /hello HTTP/1.1\r\nHost: other@test\r\n\r\n", {hidden}},
      {"AbsoluteTargetWithTwoHosts",
       400,
       head_of("GET http://test/hello HTTP/1.1", "Host: other"),
       {hidden}},
      {"AbsoluteTargetWithAUser",
       400,
       head_of("GET http://other@test/hello HTTP/1.1", "X-A: 1"),
       {hidden}},
      {"AbsoluteTargetOfAnotherScheme",
       400,
       head_of("GET file://test/hello HTTP/1.1", "X-A: 1"),
       {hidden}},
      {"AuthorityTarget", 400, head_of("CONNECT test:80 HTTP/1.1", "X-A: 1"), {hidden}},
      {"RequestInTheTarget",
       400,
       head_of("GET /hello HTTP/1.1 GET /hidden HTTP/1.1", "X-A: 1"),
       {hidden}},
      {"TabsInTheRequestLine", 400, head_of("GET\t/hello\tHTTP/1.1", "X-A: 1"), {hidden}},
      {"BareLfInTheRequestLine", 400, "GET /hello HTTP/1.1\nHost: test\r\n\r\n", {hidden}},
      {"BareCrInTheRequestLine", 400, "GET /hello HTTP/1.1\rHost: test\r\n\r\n", {hidden}},
      {"NulInTheTarget", 400, head_of("GET /hello" + nul + " HTTP/1.1", "X-A: 1"), {hidden}},
      {"LineBreakCutFromUnicode",
       400,
       head_of("GET /hello\xe5\x98\x8d\xe5\x98\x8aX: HTTP/1.1", "X-A: 1"),
       {hidden}},
      {"WithoutVersion", 400, "GET /hello\r\n", {hidden}},
      {"Http09WithHeaders", 400, head_of("GET /hello HTTP/0.9", "X-A: 1"), {hidden}},
      {"PrefaceOfHttp2", 400, "PRI * HTTP/2.0\r\n\r\n", {"SM\r\n\r\n" + hidden}},
      {"VersionOfOneDigitMore", 400, head_of("GET /hello HTTP/1.10", "X-A: 1"), {hidden}},
      {"SpaceInFront", 400, " " + head_of("GET /hello HTTP/1.1", "X-A: 1"), {hidden}},
      {"BareLfInFront", 400, "\n" + head_of("GET /hello HTTP/1.1", "X-A: 1"), {hidden}},
      {"TwoEmptyLinesInFront",
       400,
       "\r\n\r\n" + head_of("GET /hello HTTP/1.1", "X-A: 1"),
       {hidden}},
      {"BlankLineOfABareLf", 400, "GET /hello HTTP/1.1\r\nHost: test\r\n\n", {hidden}},
      {"BlankLineOfABareCr", 400, "GET /hello HTTP/1.1\r\nHost: test\r\n\r", {hidden}},
      {"RequestAsAHeader", 400, "GET /hello HTTP/1.1\r\nHost: test\r\nX-A\r\n", {hidden}},
      {"HeaderTooLarge",
       431,
       head_of("GET /hello HTTP/1.1", "X-A: " + std::string(20'000, 'x')),
       {hidden}},
      {"TooManyHeaders", 431, head_of("GET /hello HTTP/1.1", many_fields()), {hidden}},
  };
}

std::vector<SmugglingCase> chunk_cases() {
  const std::string good = "5\r\nhello\r\n";
  return {
      chunks("SizeWrapped64Bits", "10000000000000005\r\nhello\r\n" + last_chunk + hidden),
      chunks("SizeWrapped32Bits", "100000005\r\nhello\r\n" + last_chunk + hidden),
      chunks("SizeOf17Zeros", std::string(17, '0') + "\r\n\r\n" + hidden),
      chunks("SizeNegative", "-5\r\nhello\r\n" + last_chunk + hidden),
      chunks("SizeWithPlus", "+5\r\nhello\r\n" + last_chunk + hidden),
      chunks("SizeWithAPrefix", "0x5\r\nhello\r\n" + last_chunk + hidden),
      chunks("SizeWithASpaceInFront", " 5\r\nhello\r\n" + last_chunk + hidden),
      chunks("SizeWithASpaceBehind", "5 \r\nhello\r\n" + last_chunk + hidden),
      chunks("SizeWithATabBehind", "5\t\r\nhello\r\n" + last_chunk + hidden),
      chunks("SizeWithANul", "5" + nul + "\r\nhello\r\n" + last_chunk + hidden),
      chunks("SizeWithAnUnderscore", "0_5\r\nhello\r\n" + last_chunk + hidden),
      chunks("SizeWithAComma", "5,5\r\nhello\r\n" + last_chunk + hidden),
      chunks("SizeMissing", "\r\n" + hidden),
      chunks("SizeIsAnExtension", ";x=5\r\nhello\r\n" + last_chunk + hidden),
      chunks("SizeIsNoNumber", "g\r\n" + hidden),
      chunks("SizeEndsInABareLf", "5\nhello\r\n" + last_chunk + hidden),
      chunks("SizeEndsInABareCr", "5\rhello\r\n" + last_chunk + hidden),
      chunks("SizeBeyondTheLimit", "7fffffff\r\n" + hidden, 413),
      chunks("SizeOf32Bits", "ffffffff\r\n" + hidden, 413),
      chunks("ExtensionWithABareLf", "5;x\nyy\r\nhello\r\n" + last_chunk + hidden),
      chunks("ExtensionWithABareCr", "5;x\ryy\r\nhello\r\n" + last_chunk + hidden),
      chunks("ExtensionWithANul", "5;x" + nul + "\r\nhello\r\n" + last_chunk + hidden),
      chunks("ExtensionThatHidesARequest", "2;\nxx\r\n24\r\n" + last_chunk + hidden),
      chunks("ExtensionWithoutEnd", "5;" + std::string(9'000, 'x') + "\r\nhello\r\n" + hidden),
      chunks("DataLongerThanItsSize", "4\r\nhello\r\n" + last_chunk + hidden),
      chunks("DataShorterThanItsSize", "6\r\nhello\r\n" + last_chunk + hidden),
      chunks("DataWithoutItsEnd", "5\r\nhello" + last_chunk + hidden),
      chunks("DataEndsInABareLf", "5\r\nhello\n" + last_chunk + hidden),
      chunks("DataEndsInTwoOtherBytes", "5\r\nhelloXX" + last_chunk + hidden),
      chunks("LastChunkOfBareLf", good + "0\n\n" + hidden),
      chunks("LastChunkEndsInABareLf", good + "0\r\n\n" + hidden),
      chunks("LastChunkWithoutItsEnd", good + "0\r\n" + hidden),
      chunks("PostBehindALastChunkWithoutItsEnd", good + "0\r\n" + hidden_post),
      chunks("TrailerEndsInABareLf", good + "0\r\nX-A: 1\n\r\n" + hidden),
      chunks("TrailerWithABareCr", good + "0\r\nX-A: 1\rX-B: 2\r\n\r\n" + hidden),
      chunks("TrailerFolded", good + "0\r\nX-A: 1\r\n two: 2\r\n\r\n" + hidden),
      chunks("TrailerWithASpaceBeforeTheColon", good + "0\r\nX-A : 1\r\n\r\n" + hidden),
      chunks("TrailerWithANul", good + "0\r\nX-A: " + nul + "\r\n\r\n" + hidden),
      chunks("TrailersWithoutEnd", good + "0\r\nX-A: " + std::string(9'000, 'x') + "\r\n" + hidden),
  };
}

std::vector<SmugglingCase> harmless_cases() {
  const auto sized = [](const std::string& fields) {
    return post_with(fields + (fields.empty() ? "" : "\r\n") + length_of(hidden));
  };
  return {
      {"PlainGet", 200, get("/hello"), {""}},
      {"EmptyLineInFront", 200, "\r\n" + get("/hello"), {""}},
      {"GetWithLengthZero", 200, head_of("GET /hello HTTP/1.1", "Content-Length: 0"), {""}},
      {"RequestInASizedBody", 200, sized(""), {hidden}},
      {"PostInASizedBody", 200, post_with(length_of(hidden_post)), {hidden_post}},
      {"LengthInOtherCase", 200, post_with("cONTENT-lENGTH: 5"), {"hello"}},
      {"LengthAmongSpaces", 200, post_with("Content-Length: \t 5 \t"), {"hello"}},
      {"LengthWithZeros", 200, post_with("Content-Length: 00005"), {"hello"}},
      {"UnderscoresAreAnotherName", 200, sized("Transfer_Encoding: chunked"), {hidden}},
      {"EncodingOfAnotherHeader", 200, sized("X-Transfer-Encoding: chunked"), {hidden}},
      {"EncodingInAValue", 200, sized("X-A: Transfer-Encoding: chunked"), {hidden}},
      {"RequestInAChunk", 200, post_with(chunked), {in_a_chunk}},
      {"EncodingInOtherCase", 200, post_with("transfer-ENCODING:chunked"), {in_a_chunk}},
      {"CodingCapitalised", 200, post_with("Transfer-Encoding: Chunked"), {in_a_chunk}},
      {"CodingInCapitals", 200, post_with("Transfer-Encoding: CHUNKED"), {in_a_chunk}},
      {"AbsoluteTarget", 200, head_of("GET http://other/hello HTTP/1.1", "X-A: 1"), {""}},
      {"AbsoluteTargetWithAHiddenRequestInItsBody",
       200,
       head_of("POST http://test/echo HTTP/1.1", length_of(hidden)),
       {hidden}},
      {"SizeInCapitals", 200, post_with(chunked), {"0A\r\nhellohello\r\n" + last_chunk}},
      {"SizeWithZeros", 200, post_with(chunked), {"00000005\r\nhello\r\n00000000\r\n\r\n"}},
      {"Extension", 200, post_with(chunked), {"5;a=b;c=\"GET /hidden\"\r\nhello\r\n" + last_chunk}},
      {"Trailers",
       200,
       post_with(chunked),
       {"5\r\nhello\r\n0\r\nX-A: 1\r\nContent-Length: 36\r\nTransfer-Encoding: chunked\r\n\r\n"}},
      {"NoChunkButTheLast", 200, post_with(chunked), {last_chunk}},
  };
}

}  // namespace fechatter::http
