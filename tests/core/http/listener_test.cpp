#include "fechatter_core/http/listener.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <system_error>

#include "tests/core/http/test_server.hpp"

namespace fechatter::http {
namespace {

Limits with_connections_max(std::size_t max) {
  Limits limits;
  limits.connections_max = max;
  return limits;
}

Limits with_two_of_an_address() {
  Limits limits;
  limits.connections_per_address_max = 2;
  return limits;
}

// While it exists, this process can open no further descriptor.
class NoMoreDescriptors {
 public:
  NoMoreDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(0);
    ::close(next);
    const rlimit none{static_cast<rlim_t>(next), before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoMoreDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(Listener, ThrowsWhenItsAddressIsNotAvailable) {
  asio::io_context io;
  const Router router{{}, nullptr};
  TestServer server;
  EXPECT_THROW(Listener(io, "127.0.0.1", server.port(), {}, router), std::system_error);
  EXPECT_THROW(Listener(io, "no address", 0, {}, router), std::system_error);
}

TEST(Listener, BindsAFreePortForPortZero) {
  TestServer first;
  TestServer second;
  EXPECT_NE(first.port(), 0);
  EXPECT_NE(first.port(), second.port());
}

TEST(Listener, RefusesConnectionsBeyondItsLimitWithARetryTimeWhenAllAreAtWork) {
  TestServer server{with_connections_max(2)};
  RawClient alice{server.port()};
  RawClient bob{server.port()};
  alice.send(get("/gate"));
  bob.send(get("/gate"));
  server.gate.wait_until_reached(2);
  RawClient mallory{server.port()};
  const auto answer = mallory.read_answer();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("retry-after"), "1");
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_EQ(mallory.read_until_closed(), "");
  EXPECT_EQ(server.listener->connections(), 2U);
  server.gate.open();
  EXPECT_EQ(alice.read_answer().body, "through");
}

TEST(Listener, ServesAgainWhenAConnectionHasLeft) {
  TestServer server{with_connections_max(1)};
  { RawClient{server.port()}.ask(get("/hello")); }
  ASSERT_TRUE(eventually([&] { return server.listener->connections() == 0; }));
  EXPECT_EQ(RawClient{server.port()}.ask(get("/hello")).status, 200);
}

TEST(Listener, GivesOneAddressNoMoreConnectionsThanItsShare) {
  TestServer server{with_two_of_an_address()};
  RawClient first{server.port()};
  RawClient second{server.port()};
  first.send(get("/gate"));
  second.send(get("/gate"));
  server.gate.wait_until_reached(2);
  RawClient third{server.port()};
  const auto answer = third.read_answer();
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.json().at("code"), "request.rate_limited");
  EXPECT_EQ(answer.header("retry-after"), "1");
  EXPECT_EQ(third.read_until_closed(), "");
  RawClient alice;
  alice.call_from("127.0.0.2");
  alice.connect(server.port());
  EXPECT_EQ(alice.ask(get("/hello")).body, "hello");
  server.gate.open();
  EXPECT_EQ(first.read_answer().body, "through");
}

TEST(Listener, GivesAnAddressItsShareBack) {
  TestServer server{with_two_of_an_address()};
  for (int i = 0; i < 10; ++i) {
    { RawClient{server.port()}.ask(get("/hello")); }
    ASSERT_TRUE(eventually([&] { return server.listener->connections() == 0; }));
  }
  EXPECT_EQ(RawClient{server.port()}.ask(get("/hello")).status, 200);
}

TEST(Listener, CountsNoConnectionsOfATrustedProxy) {
  Edge edge;
  edge.proxies = TrustedProxies{{"127.0.0.0/8"}};
  TestServer server{with_two_of_an_address(), {}, edge};
  RawClient clients[3];
  for (auto& client : clients) {
    client.connect(server.port());
    EXPECT_EQ(client.ask(get("/hello")).status, 200);
  }
}

TEST(Listener, GoesOnAfterDescriptorsRanOut) {
  const LogCapture log;
  TestServer server;
  RawClient first{server.port()};
  first.ask(get("/hello"));
  RawClient second;
  {
    const NoMoreDescriptors scarcity;
    second.connect(server.port());
    // The accept that was waiting can still succeed.
    ASSERT_TRUE(eventually([&] { return log.text().find("cannot accept") != std::string::npos; }));
  }
  EXPECT_EQ(second.ask(get("/hello")).body, "hello");
}

TEST(Listener, ServesManyClientsAtOnce) {
  TestServer server;
  std::vector<std::thread> clients;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      for (int round = 0; round < 10; ++round) {
        RawClient client{server.port()};
        for (int k = 0; k < 5; ++k) {
          if (client.ask(post("/echo", "hello")).body == "hello") ++answered;
        }
      }
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(answered, 8 * 10 * 5);
  EXPECT_TRUE(eventually([&] { return server.listener->connections() == 0; }));
}

TEST(Listener, MayBeDestroyedWithRequestsInFlight) {
  TestServer server;
  RawClient alice{server.port()};
  alice.send(get("/gate"));
  server.gate.wait_until_reached(1);
  server.listener.reset();
  EXPECT_EQ(alice.read_until_closed(), "");
  server.gate.open();
}

TEST(Listener, MayBeDestroyedWithoutEverHavingRun) {
  asio::io_context io;
  const Router router{{}, nullptr};
  Listener listener{io, "127.0.0.1", 0, {}, router};
  listener.start();
  EXPECT_FALSE(listener.draining());
}

}  // namespace
}  // namespace fechatter::http
