#include "fechatter_core/http/chunked_body.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fechatter_core/error.hpp"

namespace fechatter::http {
namespace {

struct Outcome {
  bool whole = false;
  std::string body;
  std::string rest;
};

Outcome decode_at_once(std::string input, std::size_t max = 1000) {
  ChunkedBody chunks{max};
  Outcome outcome;
  outcome.whole = chunks.decode(input, outcome.body);
  outcome.rest = input;
  return outcome;
}

Outcome decode_byte_by_byte(const std::string& input) {
  ChunkedBody chunks{1000};
  Outcome outcome;
  for (std::size_t i = 0; i < input.size(); ++i) {
    outcome.rest += input[i];
    outcome.whole = chunks.decode(outcome.rest, outcome.body);
    if (!outcome.whole) continue;
    outcome.rest += input.substr(i + 1);
    break;
  }
  return outcome;
}

ErrorCode refusal_of(const std::string& input, std::size_t max = 1000) {
  try {
    decode_at_once(input, max);
  } catch (const Error& error) {
    return error.code();
  }
  throw std::logic_error{"was not refused: " + input};
}

TEST(ChunkedBody, JoinsTheChunksAndLeavesWhatFollows) {
  const auto outcome = decode_at_once("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nGET /");
  EXPECT_TRUE(outcome.whole);
  EXPECT_EQ(outcome.body, "hello world");
  EXPECT_EQ(outcome.rest, "GET /");
}

TEST(ChunkedBody, IsTheSameInPiecesOfAnySize) {
  const auto outcome = decode_byte_by_byte("A;x=y\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\nGET /");
  EXPECT_TRUE(outcome.whole);
  EXPECT_EQ(outcome.body, "0123456789");
  EXPECT_EQ(outcome.rest, "GET /");
}

TEST(ChunkedBody, IsNotWholeBeforeItsLastByte) {
  const std::string whole = "5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_at_once(whole.substr(0, size)).whole) << size;
  }
}

TEST(ChunkedBody, RefusesMalformedChunks) {
  const std::string malformed[] = {
      "\r\n",
      "x\r\n",
      "-1\r\n",
      "+1\r\n",
      "0x1\r\n",
      " 1\r\n",
      "1 \r\na\r\n",
      "1\na\r\n",
      "1\r\nab\r\n",
      "1\r\na\n0\r\n",
      "123456789\r\n",
      "1;\x01\r\n",
      "0\r\nbad\r\n",
      "0\r\nX T: 1\r\n",
      "0\r\n\n",
      "0\r\nX: \r1\r\n",
      "1;a\nb\r\na\r\n",
      "1\r\r\na\r\n0\r\n",
  };
  for (const auto& input : malformed) {
    EXPECT_EQ(refusal_of(input), ErrorCode::malformed_request) << input;
  }
}

TEST(ChunkedBody, RefusesABodyBeyondTheLimitAsSoonAsItIsAnnounced) {
  EXPECT_EQ(refusal_of("b\r\n", 10), ErrorCode::payload_too_large);
  EXPECT_EQ(refusal_of("a\r\n0123456789\r\n1\r\n", 10), ErrorCode::payload_too_large);
  EXPECT_EQ(refusal_of("ffffffff\r\n", 10), ErrorCode::payload_too_large);
  EXPECT_TRUE(decode_at_once("a\r\n0123456789\r\n0\r\n\r\n", 10).whole);
}

TEST(ChunkedBody, BoundsExtensionsTrailersAndLinesWithoutEnd) {
  const std::string long_text(9000, 'x');
  EXPECT_EQ(refusal_of("1;" + long_text), ErrorCode::malformed_request);
  EXPECT_EQ(refusal_of("1;" + long_text + "\r\n"), ErrorCode::malformed_request);
  EXPECT_EQ(refusal_of("0\r\nX: " + long_text + "\r\n"), ErrorCode::malformed_request);
  std::string many;
  for (int i = 0; i < 900; ++i) many += "1;extended=1\r\na\r\n";
  EXPECT_EQ(refusal_of(many), ErrorCode::malformed_request);
}

}  // namespace
}  // namespace fechatter::http
