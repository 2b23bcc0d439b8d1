#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using testing::HasSubstr;

constexpr const char* warning = "revocations: revoked sessions not read; retrying";

// A server that cannot read which sessions are over: its role is refused that table. The rest of
// the database answers.
class UnknownRevocations : public testing::Test {
 protected:
  void forbid(const std::string& role) {
    system.database->query(fmt::format("REVOKE SELECT ON sessions FROM {}", role));
  }
  void permit(const std::string& role) {
    system.database->query(fmt::format("GRANT SELECT ON sessions TO {}", role));
  }
  static std::string health(const Server& server) {
    const auto reply = request(server.port(), "GET", "/health");
    const auto body = reply.json();
    std::string unhealthy;
    for (const auto& service : body.at("services")) {
      if (service.at("status") == "unhealthy")
        unhealthy += " " + service.at("name").get<std::string>();
    }
    return fmt::format("{}{}", reply.status, unhealthy);
  }

  System system;
  Person alice = system.signs_up("alice");
};

TEST_F(UnknownRevocations, FechatterServerServesNoSignedInRouteUntilTheyAreLoaded) {
  forbid("fechatter_app");
  auto late = system.another_server();
  late.start();
  EXPECT_THAT(late.log(), HasSubstr("starting without the database"));
  const auto refused = request(late.port(), "GET", "/api/chat", {}, alice.bearer());
  EXPECT_EQ(refused.status, 503) << refused.body;
  EXPECT_EQ(refused.json().at("code"), "server.database_unavailable");
  EXPECT_FALSE(refused.header("retry-after").empty());
  const Headers forged{{"Authorization", "Bearer x.y.z"}};
  EXPECT_EQ(request(late.port(), "GET", "/api/chat", {}, forged).status, 401);
  EXPECT_THAT(health(late), HasSubstr("503 startup"));
  EXPECT_TRUE(eventually([&] { return late.log().find(warning) != std::string::npos; }));

  permit("fechatter_app");
  EXPECT_TRUE(eventually(
      [&] { return request(late.port(), "GET", "/api/chat", {}, alice.bearer()).status == 200; }));
  EXPECT_TRUE(eventually([&] { return health(late) == "200"; }));
  EXPECT_THAT(late.log(), HasSubstr("revocations: working again"));
}

TEST_F(UnknownRevocations, NotifyServerOpensNoStreamUntilTheyAreLoaded) {
  forbid("fechatter_notify");
  auto late = system.another_notify();
  late.start();
  SseStream refused{late.port(), "/events", alice.bearer()};
  EXPECT_EQ(refused.status(), 503) << refused.head();
  EXPECT_THAT(health(late), HasSubstr("503 startup"));

  permit("fechatter_notify");
  EXPECT_TRUE(eventually([&] {
    return SseStream{late.port(), "/events", alice.bearer()}.status() == 200;
  }));
}

// Later the set stays as it is, and NATS announces what ends: the server goes on, and says so.
TEST_F(UnknownRevocations, ALaterFailureIsLoggedOnceAndDegradesTheHealth) {
  forbid("fechatter_app");
  EXPECT_TRUE(eventually([&] { return health(system.server) == "200 revocations"; }));
  EXPECT_EQ(alice.get("/api/chat").status, 200);
  const auto log = system.server.log();
  EXPECT_NE(log.find(warning), std::string::npos);
  EXPECT_EQ(log.find(warning), log.rfind(warning));
  permit("fechatter_app");
  EXPECT_TRUE(eventually([&] { return health(system.server) == "200"; }));
}

}  // namespace
}  // namespace fechatter::test
