#include "fechatter_core/http/rate_limits.hpp"

#include <fmt/format.h>

#include "tests/core/http/test_server.hpp"

namespace fechatter::http {
namespace {

using namespace std::chrono_literals;

std::optional<std::string> account_in_body(const Request& request) {
  if (request.caller) return request.caller->fullname;
  if (request.body.empty()) return std::nullopt;
  return request.body;
}

// `X-Device: id account`, as a device that is known to the account.
std::optional<PasswordTries::Device> device_in_header(const Request& request) {
  const auto* text = request.find_header("x-device");
  if (!text) return std::nullopt;
  const auto space = text->find(' ');
  const auto account = text->substr(space + 1);
  return PasswordTries::Device{text->substr(0, space), account, account};
}

class RateLimitsTest : public testing::Test {
 protected:
  RateLimitsTest() {
    RateSettings settings;
    settings.sign_in = {6, 1min, 4};
    settings.account = {6, 1min, 2};
    settings.device = {6, 1min, 2};
    settings.wider_factor = 2;
    settings.address = {1, 1s, 3};
    settings.user = {1, 1s, 2};
    settings.stranger = {1, 1s, 5};
    Edge edge;
    edge.proxies = TrustedProxies{{"127.0.0.9"}};
    edge.limits = std::make_shared<RateLimits>(
        settings, PasswordTries{account_in_body, device_in_header},
        [this] { return RateLimiter::Clock::time_point{time.load()}; });
    const auto works = [this](const Request&) -> awaitable<Response> {
      ++handled;
      co_return text_response(200, "works");
    };
    const auto fails = [](const Request&) -> awaitable<Response> {
      throw Error{ErrorCode::invalid_credentials, "wrong"};
      co_return Response{};
    };
    const auto open_stream = [](const Request& request) -> awaitable<Response> {
      if (request.query.empty()) throw Error{ErrorCode::unauthenticated, "no ticket"};
      co_return text_response(200, "open");
    };
    server = std::make_unique<TestServer>(
        Limits{},
        std::vector<Route>{{Method::post, "/signin", Access::anyone, works, Rate::credentials},
                           {Method::post, "/wrong", Access::anyone, fails, Rate::credentials},
                           {Method::post, "/password", Access::signed_in, works, Rate::credentials},
                           {Method::get, "/refresh", Access::anyone, works, Rate::address},
                           {Method::get, "/probe", Access::anyone, works, Rate::never},
                           {Method::get, "/stream", Access::anyone, open_stream, Rate::on_failure}},
        edge);
  }

  RawAnswer ask(const std::string& line, const std::string& headers = "",
                const std::string& body = "", const char* from = "127.0.0.1") const {
    RawClient client;
    client.call_from(from);
    client.connect(server->port());
    return client.ask(line + " HTTP/1.1\r\nHost: test\r\n" + headers +
                      "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  RawAnswer sign_in(const std::string& account, const char* from = "127.0.0.1") const {
    return ask("POST /signin", "", account, from);
  }
  RawAnswer sign_in_on(const std::string& device, const std::string& account,
                       const std::string& headers = "", const char* from = "127.0.0.1") const {
    return ask("POST /signin", "X-Device: " + device + "\r\n" + headers, account, from);
  }
  static std::string forwarded(const std::string& address) {
    return "X-Forwarded-For: " + address + "\r\n";
  }
  // How many of so many requests from different /64 of one /48 are served.
  int served_from_one_48(int count) const {
    int served = 0;
    for (int i = 0; i < count; ++i) {
      const auto address = fmt::format("2001:db8:1:{:x}::1", i);
      const auto answer =
          ask("POST /signin", forwarded(address), "account " + std::to_string(i), "127.0.0.9");
      served += answer.status == 200 ? 1 : 0;
    }
    return served;
  }
  RawAnswer look(const std::string& token) const {
    return ask("GET /me", "Authorization: Bearer " + token + "\r\n");
  }

  // The clock of the limits.
  std::atomic<RateLimiter::Clock::duration> time{1h};
  std::atomic<int> handled = 0;
  std::unique_ptr<TestServer> server;
};

TEST_F(RateLimitsTest, AnAddressThatTriesManyAccountsIsRefused) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(sign_in("account " + std::to_string(i)).status, 200);
  const auto answer = sign_in("account 4");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.json().at("code"), "request.rate_limited");
  EXPECT_EQ(answer.header("retry-after"), "10");
  EXPECT_EQ(answer.header("ratelimit-policy"), R"("sign-in";q=4;w=40)");
  EXPECT_EQ(answer.header("ratelimit"), R"("sign-in";r=0;t=40)");
  EXPECT_EQ(handled, 4);
  EXPECT_EQ(sign_in("account 4", "127.0.0.2").status, 200);
  time = time.load() + 10s;
  EXPECT_EQ(sign_in("account 4").status, 200);
}

TEST_F(RateLimitsTest, AnAccountThatManyAddressesTryIsRefusedForAWhile) {
  EXPECT_EQ(sign_in("alice", "127.0.0.1").status, 200);
  EXPECT_EQ(sign_in("alice", "127.0.0.2").status, 200);
  const auto answer = sign_in("alice", "127.0.0.3");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.header("retry-after"), "10");
  EXPECT_EQ(answer.header("ratelimit-policy"), R"("sign-in";q=4;w=40, "account";q=2;w=20)");
  EXPECT_EQ(answer.header("ratelimit"), R"("sign-in";r=3;t=10, "account";r=0;t=20)");
  EXPECT_EQ(handled, 2);
  EXPECT_EQ(sign_in("bob", "127.0.0.3").status, 200);
}

TEST_F(RateLimitsTest, AreReportedInResponsesOfAllKinds) {
  EXPECT_EQ(sign_in("alice").header("ratelimit"), R"("sign-in";r=3;t=10)");
  const auto wrong = ask("POST /wrong", "", "alice");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.header("ratelimit"), R"("sign-in";r=2;t=20)");
}

TEST_F(RateLimitsTest, AResponseDoesNotShowThatAnotherClientHasJustSignedIn) {
  sign_in("alice", "127.0.0.1");
  const auto used = sign_in("alice", "127.0.0.2");
  const auto unused = sign_in("nobody", "127.0.0.3");
  EXPECT_EQ(used.header("ratelimit"), unused.header("ratelimit"));
  EXPECT_EQ(used.header("ratelimit-policy"), unused.header("ratelimit-policy"));
}

TEST_F(RateLimitsTest, AUserHasOneBucketOnEveryPathAndFromEveryAddress) {
  EXPECT_EQ(look("alice").header("ratelimit"), R"("user";r=1;t=1)");
  EXPECT_EQ(look("alice").header("ratelimit-policy"), R"("user";q=2;w=2)");
  const auto answer = look("alice");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.header("retry-after"), "1");
  EXPECT_EQ(look("bob").status, 200);
  time = time.load() + 1s;
  EXPECT_EQ(look("alice").status, 200);
}

TEST_F(RateLimitsTest, AnInvalidTokenIsNotChargedToTheUser) {
  for (int i = 0; i < 5; ++i) {
    const auto refused = look("mallory");
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.header("ratelimit"), std::nullopt);
  }
  EXPECT_EQ(look("alice").header("ratelimit"), R"("user";r=1;t=1)");
}

TEST_F(RateLimitsTest, APasswordOfASignedInUserHasABucketThatNoStrangerEmpties) {
  for (int i = 0; i < 10; ++i) sign_in("Alice", "127.0.0.1");
  const auto ask_as_alice = [&] {
    return ask("POST /password", "Authorization: Bearer alice\r\n");
  };
  const auto answer = ask_as_alice();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("ratelimit"), R"("user";r=1;t=1, "device";r=1;t=10)");
  EXPECT_EQ(ask_as_alice().status, 200);
  time = time.load() + 1s;
  EXPECT_EQ(ask_as_alice().status, 429);
}

TEST_F(RateLimitsTest, AKnownDeviceSharesNoBucketWithStrangers) {
  for (int i = 0; i < 10; ++i) sign_in("alice");
  EXPECT_EQ(sign_in("alice").status, 429);
  const auto answer = sign_in_on("phone alice", "alice");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("ratelimit"), R"("device";r=1;t=10)");
}

TEST_F(RateLimitsTest, AKnownDeviceIsLimitedAndSoAreAllDevicesOfItsAccount) {
  for (int i = 0; i < 2; ++i) EXPECT_EQ(sign_in_on("phone alice", "alice").status, 200);
  EXPECT_EQ(sign_in_on("phone alice", "alice").status, 429);
  int served = 0;
  for (int i = 0; i < 20; ++i) {
    const auto answer = sign_in_on(fmt::format("device-{} alice", i), "alice");
    served += answer.status == 200 ? 1 : 0;
  }
  EXPECT_EQ(served, 6);  // four times a device's burst, less two
}

TEST_F(RateLimitsTest, ADeviceOfAnotherAccountIsAStranger) {
  for (int i = 0; i < 4; ++i) sign_in("account " + std::to_string(i));
  EXPECT_EQ(sign_in_on("phone mallory", "alice").status, 429);
  EXPECT_EQ(handled, 4);
}

TEST_F(RateLimitsTest, TheNetworksOfAnAddressCountTogether) {
  // A burst of 4 for each /64, of 8 for each /56 and of 16 for the /48.
  EXPECT_EQ(served_from_one_48(1000), 16);
  EXPECT_EQ(ask("POST /signin", forwarded("2001:db8:2::1"), "x", "127.0.0.9").status, 200);
}

TEST_F(RateLimitsTest, AClientCannotUseUpTheTokensOfItsNeighbours) {
  for (int i = 0; i < 100; ++i) sign_in("account " + std::to_string(i), "127.0.0.1");
  EXPECT_EQ(sign_in("alice", "127.0.0.2").status, 200);
}

TEST_F(RateLimitsTest, ARefusalByAWiderNetworkSaysSo) {
  for (int i = 0; i < 8; ++i) {
    const auto from = "127.0.0." + std::to_string(10 + i);
    EXPECT_EQ(sign_in("account " + std::to_string(i), from.c_str()).status, 200);
  }
  const auto refused = sign_in("alice", "127.0.0.30");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("ratelimit-policy"), R"("sign-in-network";q=8;w=40)");
}

TEST_F(RateLimitsTest, OtherPathsWithoutACallerHaveABucketOfTheAddress) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask("GET /refresh").status, 200);
  EXPECT_EQ(ask("GET /refresh").header("ratelimit-policy"), R"("address";q=3;w=3)");
  EXPECT_EQ(ask("GET /refresh").status, 429);
  EXPECT_EQ(sign_in("alice").status, 200);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask("GET /hello").status, 200);
  const auto refused = ask("GET /hello");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("ratelimit-policy"), R"("stranger";q=5;w=5)");
  EXPECT_EQ(ask("GET /hello", "", "", "127.0.0.2").status, 200);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(ask("GET /nothing").status, 404);
}

TEST_F(RateLimitsTest, AHealthCheckIsNeverRefused) {
  for (int i = 0; i < 10; ++i) ask("GET /hello");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(ask("GET /probe").status, 200);
  EXPECT_EQ(ask("GET /probe").header("ratelimit"), std::nullopt);
}

TEST_F(RateLimitsTest, FailuresTakeFromTheBucketOfTheirAddress) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(look("mallory").status, 401);
  const auto refused = look("mallory");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("retry-after"), "1");
  EXPECT_EQ(refused.header("ratelimit-policy"), R"("stranger";q=5;w=5)");
  EXPECT_EQ(refused.header("www-authenticate"), std::nullopt);
  EXPECT_EQ(ask("GET /me").status, 429);  // no token at all
  EXPECT_EQ(ask("GET /stream").status, 429);
  EXPECT_EQ(ask("GET /stream", "", "", "127.0.0.2").status, 401);
  time = time.load() + 1s;
  EXPECT_EQ(look("mallory").status, 401);
}

TEST_F(RateLimitsTest, AVerifiedTokenTakesNothingFromTheBucketOfItsAddress) {
  for (int i = 0; i < 10; ++i) look("mallory");
  EXPECT_EQ(look("alice").status, 200);  // known
  EXPECT_EQ(look("bob").status, 200);    // verified now, although the bucket is empty
  for (int i = 0; i < 10; ++i) EXPECT_EQ(ask("GET /stream?ticket").status, 200);
}

TEST_F(RateLimitsTest, BeyondTheBucketAFloodOfForgedTokensIsNotVerified) {
  for (int i = 0; i < 300; ++i) look("mallory");
  const auto unknown = look("bob");
  EXPECT_EQ(unknown.status, 429);  // never 401: the token may be good
  EXPECT_EQ(unknown.header("ratelimit"), R"("stranger";r=0;t=5)");
  EXPECT_EQ(look("alice").status, 200);
  EXPECT_EQ(ask("GET /me", "Authorization: Bearer bob\r\n", "", "127.0.0.2").status, 200);
  time = time.load() + 1s;
  EXPECT_EQ(look("bob").status, 200);
}

TEST_F(RateLimitsTest, AnInventedForwardedForDoesNotEvadeTheLimit) {
  const auto refresh = [&](int i, const char* from) {
    return ask("GET /refresh", forwarded(fmt::format("198.51.{}.1", i)), "", from);
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(refresh(i, "127.0.0.1").status, 200);
  EXPECT_EQ(refresh(4, "127.0.0.1").status, 429);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(refresh(i, "127.0.0.9").status, 200);
  const auto prefixed = [&](int i) {
    const auto list = "X-Forwarded-For: 198.51.100." + std::to_string(i) + ", 192.0.2.1\r\n";
    return ask("GET /refresh", list, "", "127.0.0.9");
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(prefixed(i).status, 200);
  EXPECT_EQ(prefixed(4).status, 429);
}

}  // namespace
}  // namespace fechatter::http
