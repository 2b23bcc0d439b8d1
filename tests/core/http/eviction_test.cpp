#include "tests/core/http/test_server.hpp"

// What happens when the connections of a listener, or of one address, are used up.
namespace fechatter::http {
namespace {

class Eviction : public testing::Test {
 protected:
  void serve(std::size_t all, std::size_t of_an_address, Edge edge = {}) {
    Limits limits;
    limits.connections_max = all;
    limits.connections_per_address_max = of_an_address;
    server = std::make_unique<TestServer>(limits, std::vector<Route>{}, std::move(edge));
  }
  // An idle connection: it has asked, and has been answered.
  std::unique_ptr<RawClient> idle(const char* from) {
    auto client = connected(from);
    EXPECT_EQ(client->ask(get("/hello")).body, "hello");
    return client;
  }
  std::unique_ptr<RawClient> connected(const char* from) {
    auto client = std::make_unique<RawClient>();
    client->call_from(from);
    client->connect(server->port());
    return client;
  }
  static bool is_closed(RawClient& client) { return client.read_until_closed().empty(); }

  static constexpr const char* mallory = "127.0.0.66";
  static constexpr const char* alice = "127.0.0.2";
  static constexpr const char* bob = "127.0.0.3";

  std::unique_ptr<TestServer> server;
};

TEST_F(Eviction, TheLongestIdleConnectionOfTheAddressWithMostMakesRoom) {
  serve(4, 100);
  const auto bobs = idle(bob);  // idle for longer than all of Mallory's
  const auto oldest = idle(mallory);
  const auto middle = idle(mallory);
  const auto newest = idle(mallory);
  EXPECT_EQ(connected(alice)->ask(get("/hello")).body, "hello");
  EXPECT_TRUE(is_closed(*oldest));
  EXPECT_EQ(bobs->ask(get("/hello")).status, 200);
  EXPECT_EQ(middle->ask(get("/hello")).status, 200);
  EXPECT_EQ(newest->ask(get("/hello")).status, 200);
}

TEST_F(Eviction, AConnectionThatDripsAHeadMakesRoom) {
  serve(2, 100);
  const auto drips = connected(mallory);
  drips->send("GET /hello HTTP/1.1\r\nHost: te");
  const auto second = idle(mallory);
  const auto alices = connected(alice);
  EXPECT_EQ(alices->ask(get("/hello")).body, "hello");
  EXPECT_TRUE(is_closed(*drips));
}

TEST_F(Eviction, AnAnonymousBodyThatDripsMakesRoom) {
  serve(2, 100);
  const auto drips = connected(mallory);
  drips->send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nx");
  const auto second = idle(mallory);
  const auto alices = connected(alice);
  EXPECT_EQ(alices->ask(get("/hello")).body, "hello");
  EXPECT_TRUE(is_closed(*drips));
}

TEST_F(Eviction, AConnectionAtWorkIsNotClosed) {
  serve(2, 100);
  const auto works = connected(mallory);
  works->send(get("/gate"));
  server->gate.wait_until_reached(1);
  const auto waits = idle(mallory);
  EXPECT_EQ(connected(alice)->ask(get("/hello")).body, "hello");
  EXPECT_TRUE(is_closed(*waits));
  server->gate.open();
  EXPECT_EQ(works->read_answer().body, "through");
}

TEST_F(Eviction, AnAddressWithManyBusyConnectionsDoesNotDisplaceOthers) {
  serve(3, 100);
  const auto bobs = idle(bob);
  const auto first = connected(mallory);
  const auto second = connected(mallory);
  first->send(get("/gate"));
  second->send(get("/gate"));
  server->gate.wait_until_reached(2);
  EXPECT_EQ(connected(mallory)->read_answer().status, 503);
  EXPECT_EQ(bobs->ask(get("/hello")).body, "hello");
  server->gate.open();
}

TEST_F(Eviction, TheShareOfAnAddressIsTakenFromItsOwnIdleConnections) {
  serve(100, 2);
  const auto bobs = idle(bob);
  const auto oldest = idle(mallory);
  const auto newest = idle(mallory);
  EXPECT_EQ(connected(mallory)->ask(get("/hello")).body, "hello");
  EXPECT_TRUE(is_closed(*oldest));
  EXPECT_EQ(newest->ask(get("/hello")).status, 200);
  EXPECT_EQ(bobs->ask(get("/hello")).status, 200);
}

TEST_F(Eviction, ATrustedProxyIsNotDisplacedByAClientThatConnectsDirectly) {
  Edge edge;
  edge.proxies = TrustedProxies{{bob}};
  serve(2, 100, std::move(edge));
  const auto first = idle(bob);
  const auto second = idle(bob);
  EXPECT_EQ(connected(mallory)->read_answer().status, 503);
  EXPECT_EQ(second->ask(get("/hello")).status, 200);
  EXPECT_EQ(connected(bob)->ask(get("/hello")).body, "hello");
  EXPECT_TRUE(is_closed(*first));
}

TEST_F(Eviction, ManyNewConnectionsEachGetTheirTurn) {
  serve(8, 100);
  std::vector<std::unique_ptr<RawClient>> idlers;
  for (int i = 0; i < 8; ++i) idlers.push_back(idle(mallory));
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(connected(i % 2 == 0 ? alice : bob)->ask(get("/hello")).body, "hello") << i;
  }
}

}  // namespace
}  // namespace fechatter::http
