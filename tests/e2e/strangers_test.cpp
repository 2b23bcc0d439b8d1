#include <fmt/format.h>
#include <gmock/gmock.h>

#include "fechatter_core/auth/encoding.hpp"
#include "tests/support/system.hpp"

// What a client without an account can cost.
namespace fechatter::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr int tries_max = 200;

class Strangers : public testing::Test {
 protected:
  // The first response with another status than `usual`; status 0: there was none.
  static Reply first_other_than(int usual, std::uint16_t port, const std::string& target,
                                const Headers& headers = {}) {
    for (int i = 0; i < tries_max; ++i) {
      auto reply = request(port, "GET", target, {}, headers);
      if (reply.status != usual) return reply;
    }
    return {};
  }
  static void expect_limited(const Reply& reply) {
    EXPECT_EQ(reply.status, 429) << reply.body;
    EXPECT_EQ(reply.json().at("code"), "request.rate_limited");
    EXPECT_FALSE(reply.header("retry-after").empty());
    EXPECT_THAT(reply.header("ratelimit-policy"), HasSubstr("\"stranger\";q=20;"));
  }
  std::string signed_by_another_server(Person& person) const {
    auto token = person.token();
    token.at(token.size() - 20) = token.at(token.size() - 20) == 'A' ? 'B' : 'A';
    return token;
  }

  System system{[] {
    SystemOptions options;
    // No token returns to a bucket within the duration of a test.
    options.server = options.notify = {{"FECHATTER_LIMITS__STRANGER_PER_SECOND", "1"},
                                       {"FECHATTER_LIMITS__STRANGER_BURST", "20"}};
    return options;
  }()};
  Person alice = system.signs_up("alice");
};

TEST_F(Strangers, ForgedTokensAreLimitedAndVerifiedOnesAreNot) {
  const Headers forged{{"Authorization", "Bearer " + signed_by_another_server(alice)}};
  expect_limited(first_other_than(401, system.server.port(), "/api/chat", forged));
  expect_limited(first_other_than(401, system.notify.port(), "/api/online-users", forged));
  expect_limited(first_other_than(401, system.notify.port(), "/events", forged));
  // Neither server has seen the token before.
  EXPECT_EQ(alice.get("/api/chat").status, 200);
  EXPECT_EQ(request(system.notify.port(), "GET", "/api/online-users", {}, alice.bearer()).status,
            200);
  EXPECT_TRUE(alice.subscribes().status() == 200);
}

TEST_F(Strangers, AForgedTicketCostsNoStatementAndIsLimited) {
  postgres::Connection holder{system.database->owner_url()};
  holder.run_script("BEGIN; LOCK TABLE event_tickets IN ACCESS EXCLUSIVE MODE");
  const auto bytes = std::string(16, 'n') + std::string(8, '\1') + std::string(64, 's');
  const auto forged = "/events?ticket=" + auth::base64url_encode(bytes);
  // A statement would wait for the lock, and end as a 500.
  const auto refused = request(system.notify.port(), "GET", forged);
  EXPECT_EQ(refused.status, 401) << refused.body;
  expect_limited(first_other_than(401, system.notify.port(), forged));
  holder.run_script("ROLLBACK");
  const auto ticket = alice.post("/api/events/ticket", nlohmann::json::object()).json();
  const auto good = "/events?ticket=" + ticket.at("ticket").get<std::string>();
  SseStream stream{system.notify.port(), good};
  EXPECT_EQ(stream.status(), 200);
}

TEST_F(Strangers, AUsedTicketTakesFromTheBucketOfItsAddress) {
  const auto ticket = alice.post("/api/events/ticket", nlohmann::json::object()).json();
  const auto target = "/events?ticket=" + ticket.at("ticket").get<std::string>();
  SseStream stream{system.notify.port(), target};
  ASSERT_EQ(stream.status(), 200);
  expect_limited(first_other_than(401, system.notify.port(), target));
}

TEST_F(Strangers, PagesThatNeedNoTokenAreLimited) {
  expect_limited(first_other_than(200, system.server.port(), "/openapi.json"));
  expect_limited(first_other_than(200, system.server.port(), "/docs/swagger-ui-bundle.js"));
  expect_limited(first_other_than(200, system.notify.port(), "/api/sse/health"));
  EXPECT_EQ(alice.get("/api/chat").status, 200);
}

TEST(Documentation, CanBeSwitchedOff) {
  SystemOptions options;
  options.server = {{"FECHATTER_SERVER__DOCS", "false"}};
  options.start_notify = false;
  System system{options};
  for (const auto* target : {"/docs", "/docs/page.js", "/openapi.json"}) {
    EXPECT_EQ(request(system.server.port(), "GET", target).status, 404) << target;
  }
  EXPECT_EQ(system.get("/health").status, 200);
}

}  // namespace
}  // namespace fechatter::test
