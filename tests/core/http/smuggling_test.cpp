#include "tests/core/http/smuggling_cases.hpp"
#include "tests/core/http/test_server.hpp"

// Request smuggling and framing over real sockets (RFC 9112 §11.2). Each request has a second one
// hidden behind or inside it. framing_guard_test has the table of the guard itself.
namespace fechatter::http {
namespace {

constexpr std::size_t small = 2'000;

// The pieces in which the same bytes are sent.
enum class Way { at_once, in_two, in_pieces, behind_another };
constexpr Way ways[] = {Way::at_once, Way::in_two, Way::in_pieces, Way::behind_another};

void send_so(RawClient& client, Way way, const std::string& head, const std::string& rest) {
  const auto all = head + rest;
  switch (way) {
    case Way::at_once: client.send(all); break;
    case Way::in_two:
      client.send(head);
      client.send(rest);
      break;
    case Way::in_pieces: {
      const std::size_t size = all.size() < small ? 1 : 1'000;
      for (std::size_t i = 0; i < all.size(); i += size) client.send(all.substr(i, size));
      break;
    }
    case Way::behind_another: client.send(get("/hello") + all); break;
  }
}

std::string name_of(const testing::TestParamInfo<SmugglingCase>& info) {
  return info.param.name;
}

class SmuggledRequest : public testing::TestWithParam<SmugglingCase> {};

INSTANTIATE_TEST_SUITE_P(Encoding, SmuggledRequest, testing::ValuesIn(encoding_cases()), name_of);
INSTANTIATE_TEST_SUITE_P(Length, SmuggledRequest, testing::ValuesIn(length_cases()), name_of);
INSTANTIATE_TEST_SUITE_P(Line, SmuggledRequest, testing::ValuesIn(line_cases()), name_of);
INSTANTIATE_TEST_SUITE_P(Chunks, SmuggledRequest, testing::ValuesIn(chunk_cases()), name_of);

void expect_refusal(TestServer& server, const SmugglingCase& tried, const std::string& rest,
                    Way way) {
  server.handled = 0;
  RawClient mallory{server.port()};
  send_so(mallory, way, tried.head, rest);
  if (way == Way::behind_another) {
    EXPECT_EQ(mallory.read_answer().body, "hello");
  }
  const auto refusal = mallory.read_answer(!tried.head.starts_with("HEAD "));
  EXPECT_EQ(refusal.status, tried.status) << refusal.body;
  EXPECT_EQ(refusal.header("connection"), "close");
  EXPECT_EQ(mallory.read_until_closed(), "");
  EXPECT_EQ(server.hidden, 0);
  EXPECT_EQ(server.handled, way == Way::behind_another ? 1 : 0);
}

TEST_P(SmuggledRequest, IsRefusedAndClosedAndWhatItHidesIsNotServed) {
  TestServer server;
  for (const auto& rest : GetParam().rests) {
    for (const auto way : ways) {
      SCOPED_TRACE(testing::Message() << "way " << static_cast<int>(way) << ", then: " << rest);
      expect_refusal(server, GetParam(), rest, way);
    }
  }
}

class HarmlessRequest : public testing::TestWithParam<SmugglingCase> {};

INSTANTIATE_TEST_SUITE_P(Framing, HarmlessRequest, testing::ValuesIn(harmless_cases()), name_of);

TEST_P(HarmlessRequest, IsServedAndSoIsWhatFollowsIt) {
  TestServer server;
  for (const auto way : ways) {
    SCOPED_TRACE(static_cast<int>(way));
    RawClient alice{server.port()};
    send_so(alice, way, GetParam().head, GetParam().rests.front());
    if (way == Way::behind_another) {
      EXPECT_EQ(alice.read_answer().body, "hello");
    }
    const auto answer = alice.read_answer();
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(server.hidden, 0);
    EXPECT_EQ(alice.ask(get("/hidden")).body, "hidden");
    EXPECT_EQ(server.hidden.exchange(0), 1);
  }
}

// The control: the hidden request alone is served and counted.
TEST(HiddenRequest, IsServedWhereNoOtherRequestHidesIt) {
  TestServer server;
  RawClient alice{server.port()};
  alice.send(get("/hidden") + post("/hidden", "") + post("/hidden", "{}"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(alice.read_answer().body, "hidden");
  EXPECT_EQ(server.hidden, 3);
}

TEST(SmugglingCases, AreSixtyAtTheLeast) {
  EXPECT_GE(
      encoding_cases().size() + length_cases().size() + line_cases().size() + chunk_cases().size(),
      60U);
}

}  // namespace
}  // namespace fechatter::http
