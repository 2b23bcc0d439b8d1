#include "fechatter_core/http/body_reader.hpp"
#include "tests/core/http/test_server.hpp"

// The first phase of a request: what is decided on its head, before a byte of the body is read.
namespace fechatter::http {
namespace {

using namespace std::chrono_literals;

const std::string bad_token = "Authorization: Bearer mallory\r\n";
const std::string good_token = "Authorization: Bearer alice\r\n";

class AdmissionTest : public testing::Test {
 protected:
  AdmissionTest() {
    RateSettings settings;
    settings.user = {1, 1h, 3};
    edge.limits = std::make_shared<RateLimits>(settings);
  }

  std::vector<Route> routes() {
    const auto count = [this](const Request& request) -> awaitable<Response> {
      ++server->handled;
      co_return text_response(200, "body: " + request.body);
    };
    return {{Method::post, "/notes", Access::signed_in, count},
            {Method::post, "/short", Access::anyone, count, Rate::by_access, buffered_body(10)},
            {Method::post, "/ping", Access::anyone, count, Rate::by_access, no_body},
            {Method::delete_, "/notes", Access::anyone, count},
            {Method::delete_, "/some", Access::anyone, count, Rate::by_access, buffered_body()}};
  }
  void serve(const Limits& limits = {}) {
    server = std::make_unique<TestServer>(limits, routes(), edge);
  }
  static std::string head(const std::string& line, const std::string& fields) {
    return line + " HTTP/1.1\r\nHost: test\r\n" + fields + "\r\n";
  }
  static std::string length(std::size_t size) {
    return "Content-Length: " + std::to_string(size) + "\r\n";
  }

  Edge edge;
  std::unique_ptr<TestServer> server;
};

TEST_F(AdmissionTest, ARefusalOnTheHeadDoesNotWaitForTheBody) {
  serve();
  const struct {
    std::string request;
    int status;
  } cases[] = {
      {head("POST /notes", length(1000)), 401},
      {head("POST /notes", bad_token + length(1000)), 401},
      {head("POST /nothing", length(1000)), 404},
      {head("PUT /notes", length(1000)), 405},
      {head("POST /chat/%ff", length(1000)), 400},
      {head("POST /notes", bad_token + "Transfer-Encoding: chunked\r\n"), 401},
  };
  for (const auto& tried : cases) {
    RawClient client{server->port()};
    EXPECT_EQ(client.ask(tried.request).status, tried.status) << tried.request;
  }
  EXPECT_EQ(server->handled, 0);
}

TEST_F(AdmissionTest, ARateIsChargedBeforeTheBodyIsRead) {
  serve();
  for (int i = 0; i < 3; ++i) {
    RawClient client{server->port()};
    EXPECT_EQ(client.ask(head("POST /notes", good_token + length(2)) + "hi").status, 200);
  }
  RawClient client{server->port()};
  const auto refusal = client.ask(head("POST /notes", good_token + length(1000)));
  EXPECT_EQ(refusal.status, 429);
  EXPECT_EQ(refusal.header("ratelimit-policy"), R"("user";q=3;w=10800)");
  EXPECT_TRUE(refusal.header("retry-after"));
}

TEST_F(AdmissionTest, AClientThatSendsFiftyMegabytesWithABadTokenReadsTheWholeRefusal) {
  serve();
  RawClient client{server->port()};
  ASSERT_TRUE(client.send(head("POST /notes", bad_token + length(50 * mebibyte))));
  const std::string megabyte(mebibyte, 'x');
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(client.send(megabyte)) << i;
  const auto refusal = client.read_answer();
  EXPECT_EQ(refusal.status, 401);
  EXPECT_EQ(refusal.json().at("code"), "auth.unauthenticated");
  EXPECT_EQ(refusal.header("connection"), "close");
  EXPECT_EQ(client.read_until_closed(), "");
}

TEST_F(AdmissionTest, AClientThatNeverStopsSendingIsCutAtTheBoundOfBytes) {
  Limits limits;
  limits.linger_bytes_max = mebibyte;
  serve(limits);
  RawClient client{server->port()};
  client.send(head("POST /notes", bad_token + length(1000 * mebibyte)));
  const std::string megabyte(mebibyte, 'x');
  std::size_t sent = 0;
  while (sent < 100 && client.send(megabyte)) ++sent;
  EXPECT_LT(sent, 100U);
  EXPECT_TRUE(eventually([&] { return server->listener->connections() == 0; }));
}

TEST_F(AdmissionTest, AClientThatNeverStopsSendingIsCutAtTheBoundOfTime) {
  Limits limits;
  limits.linger_timeout = 200ms;
  serve(limits);
  RawClient client{server->port()};
  client.send(head("POST /notes", bad_token + length(1000 * mebibyte)));
  EXPECT_EQ(client.read_answer().status, 401);
  // One byte at a time never reaches the bound of bytes.
  ASSERT_TRUE(eventually([&] { return !client.send("x"); }));
  EXPECT_TRUE(eventually([&] { return server->listener->connections() == 0; }));
}

TEST_F(AdmissionTest, ASmallUnreadBodyIsDiscardedAndTheConnectionStaysOpen) {
  serve();
  RawClient client{server->port()};
  const auto hidden = get("/hidden");
  const auto refusal = client.ask(head("POST /notes", bad_token + length(hidden.size())) + hidden);
  EXPECT_EQ(refusal.status, 401);
  EXPECT_EQ(refusal.header("connection"), std::nullopt);
  EXPECT_EQ(client.ask(get("/hello")).body, "hello");
  EXPECT_EQ(server->hidden, 0);
}

TEST_F(AdmissionTest, ASmallChunkedBodyIsDiscardedAndTheConnectionStaysOpen) {
  serve();
  RawClient client{server->port()};
  client.send(head("POST /notes", bad_token + "Transfer-Encoding: chunked\r\n"));
  EXPECT_EQ(client.read_answer().status, 401);
  client.send("5\r\nhello\r\n0\r\n\r\n" + get("/hello"));
  EXPECT_EQ(client.read_answer().body, "hello");
}

TEST_F(AdmissionTest, ALargeUnreadBodyEndsTheConnection) {
  serve();
  RawClient client{server->port()};
  const auto large = BodyReader::skipped_bytes_max + 1;
  const auto refusal = client.ask(head("POST /notes", bad_token + length(large)));
  EXPECT_EQ(refusal.header("connection"), "close");
  client.send(std::string(large, 'x') + get("/hidden"));
  EXPECT_EQ(client.read_until_closed(), "");
  EXPECT_EQ(server->hidden, 0);
}

TEST_F(AdmissionTest, ALargeChunkedBodyEndsTheConnection) {
  serve();
  RawClient client{server->port()};
  client.send(head("POST /notes", bad_token + "Transfer-Encoding: chunked\r\n"));
  EXPECT_EQ(client.read_answer().status, 401);
  client.send("20000\r\n" + std::string(0x20000, 'x') + "\r\n0\r\n\r\n" + get("/hidden"));
  EXPECT_EQ(client.read_until_closed(), "");
  EXPECT_EQ(server->hidden, 0);
}

TEST_F(AdmissionTest, MalformedChunksOfAnUnreadBodyEndTheConnection) {
  serve();
  RawClient client{server->port()};
  client.send(head("POST /notes", bad_token + "Transfer-Encoding: chunked\r\n") +
              "5\r\nhello!\r\n0\r\n\r\n" + get("/hidden"));
  EXPECT_EQ(client.read_answer().status, 401);
  EXPECT_EQ(client.read_until_closed(), "");
  EXPECT_EQ(server->hidden, 0);
}

TEST_F(AdmissionTest, ContinueIsSentAfterAdmissionOnly) {
  serve();
  const std::string expect = "Expect: 100-continue\r\n";
  RawClient mallory{server->port()};
  const auto refusal = mallory.ask(head("POST /notes", bad_token + expect + length(2)));
  EXPECT_EQ(refusal.status, 401);
  EXPECT_EQ(refusal.header("connection"), "close");
  EXPECT_EQ(mallory.read_until_closed(), "");
  RawClient alice{server->port()};
  EXPECT_EQ(alice.ask(head("POST /notes", good_token + expect + length(2))).status, 100);
  EXPECT_EQ(alice.ask("hi").body, "body: hi");
}

TEST_F(AdmissionTest, ARouteHasABodyLimitOfItsOwn) {
  serve();
  RawClient client{server->port()};
  EXPECT_EQ(client.ask(head("POST /short", length(10)) + "0123456789").body, "body: 0123456789");
  EXPECT_EQ(client.ask(head("POST /short", length(11))).status, 413);
  RawClient chunked{server->port()};
  const auto refusal = chunked.ask(head("POST /short", "Transfer-Encoding: chunked\r\n") + "b\r\n");
  EXPECT_EQ(refusal.status, 413);
}

TEST_F(AdmissionTest, ARouteWithoutABodyDiscardsOneAndServesTheRequest) {
  serve();
  RawClient client{server->port()};
  EXPECT_EQ(client.ask(head("POST /ping", length(5)) + "hello").body, "body: ");
  EXPECT_EQ(client.ask(head("DELETE /notes", length(5)) + "hello").body, "body: ");
  EXPECT_EQ(
      client
          .ask(head("DELETE /notes", "Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n0\r\n\r\n")
          .body,
      "body: ");
  const std::string large(500'000, 'x');
  EXPECT_EQ(client.ask(head("POST /ping", length(large.size())) + large).body, "body: ");
  EXPECT_EQ(client.ask(get("/hello")).body, "hello");
}

TEST_F(AdmissionTest, ARouteWithoutABodyRefusesOneBeyondTheLimit) {
  serve();
  RawClient client{server->port()};
  EXPECT_EQ(client.ask(head("POST /ping", length(mebibyte + 1))).status, 413);
  EXPECT_EQ(server->handled, 0);
}

TEST_F(AdmissionTest, ADeleteRouteCanAskForABody) {
  serve();
  RawClient client{server->port()};
  EXPECT_EQ(client.ask(head("DELETE /some", length(5)) + "hello").body, "body: hello");
}

}  // namespace
}  // namespace fechatter::http
