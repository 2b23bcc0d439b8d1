#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;
using testing::Not;
using testing::StartsWith;

constexpr const char* app_origin = "https://app.example";
constexpr int tries_max = 200;

SystemOptions with(const Environment& settings) {
  SystemOptions options;
  options.server = settings;
  options.start_notify = false;
  return options;
}

Reply sign_in(const System& system, const std::string& email, const Headers& headers = {},
              const std::string& password = "not the password") {
  return system.post("/api/signin", {{"email", email}, {"password", password}}, headers);
}

// The first response with another status than `usual`, or nullopt.
template <class Ask>
std::optional<Reply> first_other_than(int usual, const Ask& ask) {
  for (int i = 0; i < tries_max; ++i) {
    auto reply = ask(i);
    if (reply.status != usual) return reply;
  }
  return std::nullopt;
}

void expect_rate_limited(const std::optional<Reply>& reply, const std::string& policy,
                         int seconds_max) {
  ASSERT_TRUE(reply) << "no request was rate limited";
  EXPECT_EQ(reply->status, 429);
  EXPECT_EQ(reply->json().at("code"), "request.rate_limited");
  EXPECT_THAT(std::stoi(reply->header("retry-after")), AllOf(Ge(1), Le(seconds_max)));
  EXPECT_THAT(reply->header("ratelimit-policy"), HasSubstr('"' + policy + "\";q="));
  EXPECT_THAT(reply->header("ratelimit"), HasSubstr('"' + policy + "\";r=0;t="));
}

// Within the duration of a test, no token returns to a bucket.
const Environment few_from_an_address{{"FECHATTER_LIMITS__SIGN_IN_PER_MINUTE", "1"},
                                      {"FECHATTER_LIMITS__SIGN_IN_BURST", "5"}};
const Environment few_for_an_account{{"FECHATTER_LIMITS__ACCOUNT_PER_MINUTE", "1"},
                                     {"FECHATTER_LIMITS__ACCOUNT_BURST", "3"}};

TEST(SignInRateLimit, AnAddressThatTriesManyAccountsIsLimited) {
  System system{with(few_from_an_address)};
  const auto alice = system.signs_up("alice");
  const auto refused = first_other_than(
      401, [&](int i) { return sign_in(system, fmt::format("person-{}@acme.example", i)); });
  expect_rate_limited(refused, "sign-in", 60);
  EXPECT_EQ(sign_in(system, alice.email(), {}, password_of("alice")).status, 429);
  EXPECT_EQ(system.post("/api/signup", {}).status, 429);
  EXPECT_EQ(alice.get("/api/users/profile").status, 200);
  EXPECT_EQ(system.post("/api/refresh", {{"refresh_token", alice.refresh_token()}}).status, 200);
}

TEST(SignInRateLimit, AForwardedAddressOfAnUntrustedClientIsIgnored) {
  System system{with(few_from_an_address)};
  const auto refused = first_other_than(401, [&](int i) {
    return sign_in(system, fmt::format("person-{}@acme.example", i),
                   {{"X-Forwarded-For", fmt::format("192.0.2.{}", i)}});
  });
  expect_rate_limited(refused, "sign-in", 60);
}

TEST(SignInRateLimit, ClientsOfATrustedProxyAreLimitedApart) {
  auto settings = few_from_an_address;
  settings["FECHATTER_HTTP__TRUSTED_PROXIES"] = "127.0.0.0/8";
  System system{with(settings)};
  const auto from = [&](int i, const std::string& addresses) {
    return sign_in(system, fmt::format("person-{}@acme.example", i),
                   {{"X-Forwarded-For", addresses}});
  };
  const auto one_of_many =
      first_other_than(401, [&](int i) { return from(i, fmt::format("192.0.{}.1", i)); });
  EXPECT_FALSE(one_of_many);
  const auto mallory = first_other_than(
      401, [&](int i) { return from(i, fmt::format("192.0.2.{}, 198.51.100.1", i)); });
  expect_rate_limited(mallory, "sign-in", 60);
}

TEST(SignInRateLimit, ManyAddressesThatTryOneAccountAreLimited) {
  auto settings = few_for_an_account;
  settings["FECHATTER_HTTP__TRUSTED_PROXIES"] = "127.0.0.1";
  System system{with(settings)};
  const auto alice = system.signs_up("alice");
  const auto bob = system.signs_up("bob");
  const auto refused = first_other_than(401, [&](int i) {
    return sign_in(system, alice.email(), {{"X-Forwarded-For", fmt::format("192.0.2.{}", i)}});
  });
  expect_rate_limited(refused, "account", 60);
  EXPECT_EQ(sign_in(system, bob.email(), {}, password_of("bob")).status, 200);
  const auto changing = alice.post("/api/users/change-password",
                                   {{"current_password", "x"}, {"new_password", "long enough"}});
  EXPECT_EQ(changing.status, 422);  // her session is no stranger
}

TEST(SignInRateLimit, TheCaseOfAnEmailDoesNotEvadeTheLimit) {
  System system{with(few_for_an_account)};
  const std::vector<std::string> spellings{"éva@acme.example", "Éva@acme.example",
                                           "ÉVA@ACME.example", "éVa@Acme.Example"};
  std::vector<int> statuses;
  for (const auto& email : spellings) statuses.push_back(sign_in(system, email).status);
  EXPECT_THAT(statuses, testing::ElementsAre(401, 401, 401, 429));
}

// The observable parts of each response: status, code, header names. Ids and times are left out.
std::vector<std::string> responses_to_tries(const System& system, const std::string& email) {
  std::vector<std::string> seen;
  for (int i = 0; i < 5; ++i) {
    const auto reply = sign_in(system, email);
    std::string what = fmt::format("{} {}", reply.status, std::string{reply.json().at("code")});
    for (const auto& [name, _] : reply.headers) what += " " + name;
    seen.push_back(what + " " + reply.header("ratelimit-policy"));
  }
  return seen;
}

TEST(SignInRateLimit, TheLimitDoesNotRevealWhetherAnAccountExists) {
  System system{with(few_for_an_account)};
  const auto alice = system.signs_up("alice");
  system.server.stop();
  system.server.start();  // forgets the sign-up
  const auto known = responses_to_tries(system, alice.email());
  const auto unknown = responses_to_tries(system, "unknown@acme.example");
  EXPECT_EQ(known, unknown);
  EXPECT_THAT(known.at(2), StartsWith("401"));
  EXPECT_THAT(known.at(3), StartsWith("429"));
}

TEST(UserRateLimit, ALimitedUserDoesNotAffectOtherUsers) {
  System system{
      with({{"FECHATTER_LIMITS__USER_PER_SECOND", "1"}, {"FECHATTER_LIMITS__USER_BURST", "10"}})};
  const auto alice = system.signs_up("alice");
  const auto bob = system.signs_up("bob");
  EXPECT_THAT(alice.get("/api/chat").header("ratelimit-policy"), R"("user";q=10;w=10)");
  const auto refused = first_other_than(200, [&](int) { return alice.get("/api/users/profile"); });
  expect_rate_limited(refused, "user", 1);
  EXPECT_EQ(bob.get("/api/users/profile").status, 200);
}

TEST(UserRateLimit, HealthChecksAreNotLimited) {
  System system{with({{"FECHATTER_LIMITS__USER_PER_SECOND", "1"},
                      {"FECHATTER_LIMITS__USER_BURST", "1"},
                      {"FECHATTER_LIMITS__STRANGER_PER_SECOND", "1"},
                      {"FECHATTER_LIMITS__STRANGER_BURST", "1"},
                      {"FECHATTER_LIMITS__ADDRESS_PER_MINUTE", "1"},
                      {"FECHATTER_LIMITS__ADDRESS_BURST", "1"}})};
  const auto refused = first_other_than(200, [&](int) { return system.get("/health/simple"); });
  EXPECT_FALSE(refused);
  EXPECT_EQ(system.get("/health").header("ratelimit"), "");
}

TEST(UserRateLimit, TheLimitsCanBeSwitchedOff) {
  System system{with({{"FECHATTER_LIMITS__ENABLED", "false"},
                      {"FECHATTER_LIMITS__USER_PER_SECOND", "1"},
                      {"FECHATTER_LIMITS__USER_BURST", "1"}})};
  const auto alice = system.signs_up("alice");
  const auto refused = first_other_than(200, [&](int) { return alice.get("/api/users/profile"); });
  EXPECT_FALSE(refused);
}

class Cors : public testing::Test {
 protected:
  static SystemOptions for_our_app() {
    SystemOptions options;
    options.server = options.notify = {{"FECHATTER_HTTP__CORS_ORIGINS", app_origin}};
    return options;
  }
  static void expect_allowed(const Reply& reply) {
    EXPECT_EQ(reply.header("access-control-allow-origin"), app_origin);
    EXPECT_EQ(reply.header("access-control-allow-credentials"), "true");
    EXPECT_EQ(reply.header("cross-origin-resource-policy"), "cross-origin");
    EXPECT_EQ(reply.header("vary"), "Origin");
  }
  static void expect_denied(const Reply& reply) {
    for (const auto& [name, value] : reply.headers) {
      EXPECT_THAT(name, Not(StartsWith("access-control-"))) << value;
    }
    EXPECT_EQ(reply.header("cross-origin-resource-policy"), "same-origin");
  }
  Headers from(const std::string& origin) const {
    auto headers = alice.bearer();
    headers["Origin"] = origin;
    return headers;
  }

  System system{for_our_app()};
  Person alice = system.signs_up("alice");
  const std::vector<std::pair<std::uint16_t, std::string>> targets{
      {system.server.port(), "/api/chat"}, {system.notify.port(), "/api/online-users"}};
};

TEST_F(Cors, AListedOriginMayRead) {
  for (const auto& [port, target] : targets) {
    const auto reply = request(port, "GET", target, {}, from(app_origin));
    EXPECT_EQ(reply.status, 200) << target;
    expect_allowed(reply);
    const Headers without_token{{"Origin", app_origin}};
    expect_allowed(request(port, "GET", target, {}, without_token));
    expect_allowed(request(port, "GET", "/nowhere", {}, without_token));
  }
}

TEST_F(Cors, AnUnlistedOriginIsDenied) {
  for (const auto& [port, target] : targets) {
    for (const auto* origin : {"https://evil.example", "http://app.example", "null"}) {
      expect_denied(request(port, "GET", target, {}, from(origin)));
    }
    expect_denied(request(port, "GET", target, {}, alice.bearer()));
  }
}

TEST_F(Cors, APreflightOfAListedOriginIsAllowed) {
  for (const auto& [port, target] : targets) {
    Headers preflight{{"Origin", app_origin},
                      {"Access-Control-Request-Method", "GET"},
                      {"Access-Control-Request-Headers", "authorization,content-type"}};
    const auto allowed = request(port, "OPTIONS", target, {}, preflight);
    EXPECT_EQ(allowed.status, 204);
    expect_allowed(allowed);
    EXPECT_THAT(allowed.header("access-control-allow-methods"), HasSubstr("GET"));
    EXPECT_THAT(allowed.header("access-control-allow-headers"), HasSubstr("Authorization"));
    EXPECT_FALSE(allowed.header("access-control-max-age").empty());
    preflight["Origin"] = "https://evil.example";
    expect_denied(request(port, "OPTIONS", target, {}, preflight));
  }
}

TEST_F(Cors, AListedOriginMayOpenAStream) {
  SseStream allowed{system.notify.port(), "/events", from(app_origin)};
  EXPECT_EQ(allowed.status(), 200);
  EXPECT_THAT(allowed.head(), HasSubstr("Access-Control-Allow-Origin: https://app.example\r\n"));
  EXPECT_THAT(allowed.head(), HasSubstr("Access-Control-Allow-Credentials: true\r\n"));
  EXPECT_TRUE(allowed.next("CaughtUp"));
  SseStream denied{system.notify.port(), "/events", from("https://evil.example")};
  EXPECT_THAT(denied.head(), Not(HasSubstr("Access-Control-")));
  SseStream refused{system.notify.port(), "/events", {{"Origin", app_origin}}};
  EXPECT_EQ(refused.status(), 401);
  EXPECT_THAT(refused.head(), HasSubstr("Access-Control-Allow-Origin: https://app.example\r\n"));
}

const std::vector<std::string> security_headers{
    "Content-Security-Policy: default-src 'none'; base-uri 'none'; frame-ancestors 'none'\r\n",
    "X-Content-Type-Options: nosniff\r\n",
    "Referrer-Policy: no-referrer\r\n",
    "Cross-Origin-Resource-Policy: same-origin\r\n",
    "Cache-Control: no-store\r\n",
    "X-Request-Id: "};

// The head of the response to these bytes.
std::string head_of(std::uint16_t port, const std::string& bytes) {
  TcpConnection connection{port};
  connection.write(bytes);
  std::string answer;
  while (answer.find("\r\n\r\n") == std::string::npos) {
    if (!connection.read(answer, std::chrono::seconds{15})) break;
  }
  return answer.substr(0, answer.find("\r\n\r\n") + 4);
}

TEST(SecurityHeaders, EveryResponseOfBothServersHasTheSecurityHeaders) {
  System system;
  const auto alice = system.signs_up("alice");
  const auto token = "Host: x\r\nAuthorization: Bearer " + alice.token() + "\r\n\r\n";
  const std::vector<std::string> requests{"GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
                                          "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n",
                                          "GET /api/chat HTTP/1.1\r\n" + token,
                                          "GET /api/online-users HTTP/1.1\r\n" + token,
                                          "GET /events HTTP/1.1\r\n" + token,
                                          "OPTIONS /health HTTP/1.1\r\nHost: x\r\n\r\n",
                                          "PUT /health HTTP/1.1\r\nHost: x\r\n\r\n",
                                          "HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n",
                                          "GET /health HTTP/1.1\r\n\r\n",
                                          "no HTTP at all\r\n\r\n"};
  for (const auto port : {system.server.port(), system.notify.port()}) {
    for (const auto& bytes : requests) {
      const auto head = head_of(port, bytes);
      for (const auto& header : security_headers) EXPECT_THAT(head, HasSubstr(header)) << bytes;
    }
  }
}

}  // namespace
}  // namespace fechatter::test
