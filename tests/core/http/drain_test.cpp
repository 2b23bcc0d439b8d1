#include <future>

#include "tests/core/http/test_server.hpp"

namespace fechatter::http {
namespace {

using namespace std::chrono_literals;

class Drain : public testing::Test {
 protected:
  std::future<std::size_t> begin_drain(std::chrono::milliseconds grace) {
    auto cut =
        std::async(std::launch::async, [this, grace] { return server.listener->drain(grace); });
    EXPECT_TRUE(eventually([&] { return server.listener->draining(); }));
    return cut;
  }

  TestServer server;
};

TEST_F(Drain, ClosesIdleConnectionsAtOnce) {
  RawClient fresh{server.port()};
  RawClient served{server.port()};
  served.ask(get("/hello"));
  ASSERT_TRUE(eventually([&] { return server.listener->connections() == 2; }));
  EXPECT_EQ(server.listener->drain(10s), 0U);
  EXPECT_EQ(fresh.read_until_closed(), "");
  EXPECT_EQ(served.read_until_closed(), "");
  EXPECT_EQ(server.listener->connections(), 0U);
}

TEST_F(Drain, LetsRequestsInFlightFinish) {
  RawClient alice{server.port()};
  alice.send(get("/gate") + get("/hidden"));
  server.gate.wait_until_reached(1);
  auto cut = begin_drain(10s);
  server.gate.open();
  const auto answer = alice.read_answer();
  EXPECT_EQ(answer.body, "through");
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_EQ(alice.read_until_closed(), "");
  EXPECT_EQ(cut.get(), 0U);
  EXPECT_EQ(server.hidden, 0);
}

TEST_F(Drain, LetsARequestThatHasBegunFinish) {
  RawClient alice{server.port()};
  alice.send(
      "POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  alice.read_bytes(25);  // the `100 Continue`: it has begun
  auto cut = begin_drain(10s);
  EXPECT_EQ(alice.ask("hello").body, "hello");
  EXPECT_EQ(cut.get(), 0U);
}

TEST_F(Drain, CutsTheOpenConnectionsAfterTheGrace) {
  RawClient alice{server.port()};
  alice.send(get("/gate"));
  server.gate.wait_until_reached(1);
  EXPECT_EQ(server.listener->drain(50ms), 1U);
  EXPECT_EQ(alice.read_until_closed(), "");
}

TEST_F(Drain, RefusesNewConnections) {
  server.listener->drain(10s);
  EXPECT_TRUE(is_connection_refused(server.port()));
}

TEST_F(Drain, CanBeCalledTwice) {
  EXPECT_EQ(server.listener->drain(10s), 0U);
  EXPECT_EQ(server.listener->drain(10s), 0U);
}

}  // namespace
}  // namespace fechatter::http
