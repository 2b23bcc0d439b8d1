#include "tests/core/http/test_server.hpp"

namespace fechatter::http {
namespace {

using namespace std::chrono_literals;

Limits small_limits() {
  Limits limits;
  limits.header_bytes_max = 512;
  limits.header_count_max = 5;
  limits.body_bytes_max = 100;
  return limits;
}

Limits with_time(std::chrono::milliseconds Limits::*timeout) {
  Limits limits;
  limits.*timeout = 100ms;
  return limits;
}

std::string with_headers(int count) {
  std::string request = "GET /hello HTTP/1.1\r\nHost: test\r\n";
  for (int i = 1; i < count; ++i) request += "X-A: 1\r\n";
  return request + "\r\n";
}

void expect_refused(RawClient& client, int status, const std::string& code) {
  const auto answer = client.read_answer();
  EXPECT_EQ(answer.status, status);
  EXPECT_EQ(answer.json().at("code"), code);
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_EQ(client.read_until_closed(), "");
}

class SmallLimits : public testing::Test {
 protected:
  TestServer server{small_limits()};
  RawClient mallory{server.port()};
};

TEST_F(SmallLimits, RefuseAHeaderThatIsTooLarge) {
  mallory.send("GET /hello HTTP/1.1\r\nHost: test\r\nX-A: " + std::string(600, 'x') + "\r\n\r\n");
  expect_refused(mallory, 431, "request.headers_too_large");
}

TEST_F(SmallLimits, RefuseAHeaderThatHasNoEnd) {
  mallory.send("GET /" + std::string(600, 'x'));
  expect_refused(mallory, 431, "request.headers_too_large");
}

TEST_F(SmallLimits, CountTheHeaders) {
  EXPECT_EQ(mallory.ask(with_headers(5)).status, 200);
  mallory.send(with_headers(6));
  expect_refused(mallory, 431, "request.headers_too_large");
}

TEST_F(SmallLimits, LetABodyOfJustTheLimitPass) {
  const std::string body(100, 'x');
  EXPECT_EQ(mallory.ask(post("/echo", body)).body, body);
}

TEST_F(SmallLimits, RefuseALongBodyWithoutWaitingForIt) {
  mallory.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 101\r\n\r\n");
  expect_refused(mallory, 413, "request.too_large");
  EXPECT_EQ(server.handled, 0);
}

TEST_F(SmallLimits, RefuseAChunkedBodyThatOutgrowsThem) {
  mallory.send("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n");
  mallory.send("64\r\n" + std::string(100, 'x') + "\r\n1\r\n");
  expect_refused(mallory, 413, "request.too_large");
  EXPECT_EQ(server.handled, 0);
}

TEST_F(SmallLimits, LetTheClientReadTheRefusalWhileItIsStillSending) {
  mallory.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 50000\r\n\r\n");
  mallory.send(std::string(50000, 'x'));
  EXPECT_EQ(mallory.read_answer().status, 413);
}

TEST(Timeouts, EndAHeaderThatDoesNotCome) {
  TestServer server{with_time(&Limits::header_timeout)};
  RawClient mallory{server.port()};
  mallory.send("GET /hello HTTP/1.1\r\nHo");
  expect_refused(mallory, 408, "request.timeout");
}

TEST(Timeouts, EndAHeaderThatDripsAndServeTheOthersMeanwhile) {
  TestServer server{with_time(&Limits::header_timeout)};
  std::vector<std::unique_ptr<RawClient>> drips;
  for (int i = 0; i < 20; ++i) {
    drips.push_back(std::make_unique<RawClient>(server.port()));
    drips.back()->send("GET /hello HTTP/1.1\r\nX-A: ");
  }
  EXPECT_EQ(RawClient{server.port()}.ask(get("/hello")).body, "hello");
  for (auto& drip : drips) {
    while (!drip->is_readable(1ms)) drip->send("x");
    EXPECT_EQ(drip->read_answer().status, 408);
  }
}

TEST(Timeouts, EndABodyThatDoesNotCome) {
  TestServer server{with_time(&Limits::body_timeout)};
  RawClient mallory{server.port()};
  mallory.send(post("/echo", "hello").substr(0, post("/echo", "hello").size() - 1));
  expect_refused(mallory, 408, "request.timeout");
}

TEST(Timeouts, EndABodyThatDrips) {
  TestServer server{with_time(&Limits::body_timeout)};
  RawClient mallory{server.port()};
  mallory.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\n");
  while (!mallory.is_readable(1ms)) mallory.send("x");
  EXPECT_EQ(mallory.read_answer().status, 408);
}

TEST(Timeouts, EndBodiesThatDripAndServeTheOthersMeanwhile) {
  TestServer server{with_time(&Limits::body_timeout)};
  std::vector<std::unique_ptr<RawClient>> drips;
  for (int i = 0; i < 20; ++i) {
    drips.push_back(std::make_unique<RawClient>(server.port()));
    drips.back()->send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\nx");
  }
  EXPECT_EQ(RawClient{server.port()}.ask(get("/hello")).body, "hello");
  for (auto& drip : drips) {
    while (!drip->is_readable(1ms)) drip->send("x");
    EXPECT_EQ(drip->read_answer().status, 408);
  }
}

TEST(Timeouts, EndAChunkedBodyThatDoesNotCome) {
  TestServer server{with_time(&Limits::body_timeout)};
  RawClient mallory{server.port()};
  mallory.send("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe");
  expect_refused(mallory, 408, "request.timeout");
}

TEST(Timeouts, CloseAnIdleConnectionWithoutAResponse) {
  TestServer server{with_time(&Limits::idle_timeout)};
  RawClient alice{server.port()};
  EXPECT_EQ(alice.ask(get("/hello")).status, 200);
  EXPECT_EQ(alice.read_until_closed(), "");
  EXPECT_TRUE(eventually([&] { return server.listener->connections() == 0; }));
}

TEST(Timeouts, CloseAFreshConnectionThatSendsNoRequest) {
  TestServer server{with_time(&Limits::header_timeout)};
  RawClient mallory{server.port()};
  EXPECT_EQ(mallory.read_until_closed(), "");
}

TEST(Timeouts, OfIdlenessRestartWithEachRequest) {
  TestServer server{with_time(&Limits::idle_timeout)};
  RawClient alice{server.port()};
  const auto begun = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() < begun + 300ms) {
    ASSERT_EQ(alice.ask(get("/hello")).status, 200);
  }
}

TEST(Timeouts, DoNotRunWhileAHandlerWorks) {
  Limits limits;
  limits.header_timeout = limits.idle_timeout = limits.body_timeout = 20ms;
  TestServer server{limits};
  RawClient alice{server.port()};
  alice.send(get("/gate"));
  server.gate.wait_until_reached(1);
  EXPECT_FALSE(alice.is_readable(100ms));
  server.gate.open();
  EXPECT_EQ(alice.read_answer().body, "through");
}

TEST(Timeouts, CutAClientThatDoesNotReadItsAnswer) {
  TestServer server{with_time(&Limits::write_timeout)};
  RawClient mallory;
  mallory.receive_little();
  mallory.connect(server.port());
  mallory.send(get("/big"));
  ASSERT_TRUE(mallory.is_readable(10s));
  EXPECT_TRUE(eventually([&] { return server.listener->connections() == 0; }));
}

}  // namespace
}  // namespace fechatter::http
