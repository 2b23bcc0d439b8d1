#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* cookie_name = "__Host-refresh_token";
constexpr const char* listed = "https://app.example";

std::string cookie(const std::string& token) {
  return fmt::format("{}={}", cookie_name, token);
}

// Two sessions of alice; mallory has another workspace. The gateway is 127.0.0.1.
class RefreshCookie : public testing::Test {
 protected:
  static SystemOptions behind_a_gateway() {
    SystemOptions options;
    options.start_notify = false;
    options.server = {{"FECHATTER_HTTP__TRUSTED_PROXIES", "127.0.0.1"},
                      {"FECHATTER_HTTP__CORS_ORIGINS", listed}};
    return options;
  }
  json signs_in(const json& more = json::object()) {
    json body{{"email", alice.email()}, {"password", password_of("alice")}};
    body.update(more);
    return system.post("/api/signin", body).json();
  }
  Reply post(const std::string& path, const std::string& cookies, Headers headers = {}) {
    if (!cookies.empty()) headers["Cookie"] = cookies;
    return system.send("POST", path, {}, headers);
  }
  Reply refresh(const std::string& cookies, const Headers& headers = {}) {
    return post("/api/refresh", cookies, headers);
  }
  Reply logout(const std::string& cookies, const Headers& headers = {}) {
    return post("/api/logout", cookies, headers);
  }
  // The token of a Set-Cookie.
  static std::string token_of(const Reply& reply) {
    const auto set = reply.header("set-cookie");
    const auto begin = set.find('=') + 1;
    return set.substr(begin, set.find(';') - begin);
  }
  static bool clears(const Reply& reply) {
    return reply.header("set-cookie").find("Max-Age=0") != std::string::npos;
  }
  bool is_open(const std::string& token) {
    return system.get("/api/chat", {{"Authorization", "Bearer " + token}}).status == 200;
  }
  void eleven_seconds_pass() {
    system.database->query("UPDATE refresh_tokens SET used_at = used_at - interval '11 seconds'");
  }

  System system{behind_a_gateway()};
  Person alice = system.signs_up("alice");
  Person laptop{system, signs_in()};
  Person mallory = system.signs_up("mallory", "another company");
};

TEST_F(RefreshCookie, IsForThisHostOnly) {
  const auto reply = refresh(cookie(alice.refresh_token()));
  EXPECT_THAT(reply.header("set-cookie"),
              AllOf(StartsWith(cookie(reply.json().at("refresh_token"))), HasSubstr("; HttpOnly"),
                    HasSubstr("; Secure"), HasSubstr("; SameSite=Strict"),
                    HasSubstr("; Path=/; Max-Age=1209"), Not(HasSubstr("Domain"))));
}

TEST_F(RefreshCookie, AloneHasTheTokenWhereTheClientAsksForThat) {
  const json only{{"cookie_only", true}};
  auto sign_up = json{{"fullname", "Bob"}, {"email", "bob@b.example"}, {"workspace", "b"}};
  sign_up["password"] = password_of("bob");
  sign_up.update(only);
  auto reply = system.post("/api/signup", sign_up);
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_FALSE(reply.json().contains("refresh_token"));
  EXPECT_FALSE(signs_in(only).contains("refresh_token"));
  reply = system.post("/api/refresh", only, {{"Cookie", cookie(token_of(reply))}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_FALSE(reply.json().contains("refresh_token"));
  EXPECT_THAT(reply.body, Not(HasSubstr(token_of(reply))));
  EXPECT_EQ(refresh(cookie(token_of(reply))).status, 200);
  EXPECT_TRUE(signs_in({{"cookie_only", false}}).contains("refresh_token"));
}

TEST_F(RefreshCookie, OnlyIsTrueOrFalse) {
  for (const auto* path : {"/api/signup", "/api/signin", "/api/refresh"}) {
    const auto reply = request(system.server.port(), "POST", path, json{{"cookie_only", "yes"}});
    EXPECT_EQ(reply.status, 422) << path;
    EXPECT_THAT(reply.body,
                HasSubstr(R"({"detail":"must be true or false","field":"cookie_only"})"));
  }
}

TEST_F(RefreshCookie, OfABadKindIsRefusedAndCleared) {
  system.database->query("UPDATE refresh_tokens SET expires_at = now() WHERE session_id = 2");
  const struct {
    const char* what;
    std::string cookies;
  } cases[]{
      {"forged", cookie("5rX0m9nD4uF1sQbV7yTqLw2cKjHgZpE8aNiRoWx3M6U")},
      {"expired", cookie(laptop.refresh_token())},
      {"access token", cookie(alice.token())},
      {"empty", cookie("")},
      {"long", cookie(std::string(8000, 'x'))},
      {"the old name", "refresh_token=" + alice.refresh_token()},
      {"a sibling host's prefix", "__Secure-refresh_token=" + alice.refresh_token()},
      {"another case", "__host-refresh_token=" + alice.refresh_token()},
      {"another name", "x__Host-refresh_token=" + alice.refresh_token()},
      {"white space that is none", "\u2000" + cookie(alice.refresh_token())},
  };
  for (const auto& [what, cookies] : cases) {
    const auto refreshed = refresh(cookies);
    EXPECT_EQ(refreshed.status, 401) << what;
    EXPECT_EQ(refreshed.json().at("code"), "auth.invalid_refresh_token") << what;
    EXPECT_TRUE(clears(refreshed)) << what;
    const auto signed_out = logout(cookies);
    EXPECT_EQ(signed_out.status, 401) << what;
    EXPECT_TRUE(clears(signed_out)) << what;
  }
  EXPECT_TRUE(is_open(alice.token()));
  EXPECT_EQ(refresh(cookie(alice.refresh_token())).status, 200);
}

TEST_F(RefreshCookie, AmongSeveralIsUsedWhenTheGoodOnesNameOneSession) {
  const auto forged = cookie("5rX0m9nD4uF1sQbV7yTqLw2cKjHgZpE8aNiRoWx3M6U");
  const auto own = cookie(alice.refresh_token());
  for (const auto& cookies : {forged + "; " + own, own + "; " + forged, own + "; " + own}) {
    const auto reply = refresh(cookies);
    EXPECT_EQ(reply.status, 200) << cookies;
    EXPECT_EQ(reply.json().at("user").at("id"), alice.id());
  }
  // The newest of one session is used, though an older one is good as well.
  const auto newer = refresh(own).json().at("refresh_token");
  const auto newest = refresh(own + "; " + cookie(newer)).json().at("refresh_token");
  EXPECT_NE(newest, newer);
}

TEST_F(RefreshCookie, ThatASiblingHostPlantedBesideTheOwnOneIsRefused) {
  const auto own = cookie(alice.refresh_token());
  for (const auto& other : {mallory.refresh_token(), laptop.refresh_token()}) {
    for (const auto& cookies : {own + "; " + cookie(other), cookie(other) + "; " + own}) {
      const auto reply = refresh(cookies);
      EXPECT_EQ(reply.status, 401);
      EXPECT_TRUE(clears(reply));
    }
  }
  EXPECT_EQ(refresh(own).status, 200);
}

TEST_F(RefreshCookie, OfAnEndedSessionDoesNotStandInTheWay) {
  ASSERT_EQ(logout(cookie(laptop.refresh_token())).status, 200);
  const auto reply = refresh(cookie(laptop.refresh_token()) + "; " + cookie(alice.refresh_token()));
  EXPECT_EQ(reply.status, 200) << reply.body;
}

struct PageCase {
  Headers headers;
  bool passes = false;
};

// The gateway speaks https for chat.example.
const std::vector<PageCase>& pages() {
  static const std::vector<PageCase> all{
      {{}, true},
      {{{"Origin", "https://chat.example"}}, true},
      {{{"Origin", "https://chat.example"}, {"Sec-Fetch-Site", "same-origin"}}, true},
      {{{"Origin", listed}, {"Sec-Fetch-Site", "cross-site"}}, true},
      {{{"Sec-Fetch-Site", "same-origin"}}, true},
      {{{"Sec-Fetch-Site", "none"}}, true},
      {{{"Sec-Fetch-Site", "same-site"}}, false},
      {{{"Sec-Fetch-Site", "cross-site"}}, false},
      {{{"Origin", "https://evil.example"}}, false},
      {{{"Origin", "https://evil.chat.example"}, {"Sec-Fetch-Site", "same-site"}}, false},
      {{{"Origin", "http://chat.example"}}, false},
      {{{"Origin", "https://evil.example"}, {"X-Forwarded-Host", "evil.example"}}, false},
      {{{"Origin", "null"}}, false},
  };
  return all;
}

Headers by_the_gateway(Headers headers) {
  headers.insert({{"Host", "chat.example"}, {"X-Forwarded-Proto", "https"}});
  return headers;
}

std::string text_of(const Headers& headers) {
  std::string text;
  for (const auto& [name, value] : headers) text += name + ": " + value + "\n";
  return text;
}

TEST_F(RefreshCookie, IsNotForPagesOfOtherOrigins) {
  auto token = alice.refresh_token();
  for (const auto& [headers, passes] : pages()) {
    const auto reply = refresh(cookie(token), by_the_gateway(headers));
    EXPECT_EQ(reply.status, passes ? 200 : 403) << text_of(headers);
    if (passes) {
      token = token_of(reply);
    } else {
      EXPECT_EQ(reply.json().at("code"), "auth.foreign_page");
      EXPECT_EQ(reply.header("set-cookie"), "") << text_of(headers);
    }
  }
}

TEST_F(RefreshCookie, SignsOutOnlyForPagesOfTheOwnOrigins) {
  for (const auto& [headers, passes] : pages()) {
    const Person session{system, signs_in()};
    const auto reply = logout(cookie(session.refresh_token()), by_the_gateway(headers));
    EXPECT_EQ(reply.status, passes ? 200 : 403) << text_of(headers);
    EXPECT_EQ(reply.header("set-cookie").empty(), !passes) << text_of(headers);
    EXPECT_EQ(is_open(session.token()), !passes) << text_of(headers);
  }
}

// With SameSite=Strict a form of another site sends no cookie, but the answer could clear it.
TEST_F(RefreshCookie, IsNotClearedForAPageOfAnotherOriginThatSendsNone) {
  for (const auto* path : {"/api/refresh", "/api/logout"}) {
    const auto foreign = post(path, "", {{"Origin", "https://evil.example"}});
    EXPECT_EQ(foreign.status, 403);
    EXPECT_EQ(foreign.header("set-cookie"), "");
    const auto none = post(path, "");
    EXPECT_EQ(none.status, 401);
    EXPECT_TRUE(clears(none));
  }
}

TEST_F(RefreshCookie, IsNotAskedForWhereTheTokenComesOtherwise) {
  const Headers foreign{{"Origin", "app://desktop"}};
  auto reply = system.post("/api/refresh", {{"refresh_token", alice.refresh_token()}}, foreign);
  EXPECT_EQ(reply.status, 200) << reply.body;
  auto headers = laptop.bearer();
  headers.insert(foreign.begin(), foreign.end());
  EXPECT_EQ(logout("", headers).status, 200);
  headers = alice.bearer();
  headers.insert(foreign.begin(), foreign.end());
  EXPECT_EQ(logout(cookie(alice.refresh_token()), headers).status, 403);
  EXPECT_TRUE(is_open(alice.token()));
}

TEST_F(RefreshCookie, OnThisMachineNeedsNoHttps) {
  const auto host = fmt::format("localhost:{}", system.server.port());
  const Headers page{{"Host", host}, {"Origin", "http://" + host}};
  EXPECT_EQ(refresh(cookie(alice.refresh_token()), page).status, 200);
}

TEST_F(RefreshCookie, AndBearerOfDifferentSessionsBothEndAtSignOut) {
  EXPECT_EQ(logout(cookie(laptop.refresh_token()), alice.bearer()).status, 200);
  for (const auto& session : {alice, laptop}) {
    EXPECT_FALSE(is_open(session.token()));
    EXPECT_EQ(refresh(cookie(session.refresh_token())).status, 401);
  }
  EXPECT_TRUE(is_open(mallory.token()));
}

TEST_F(RefreshCookie, OfSeveralSessionsEndsAllOfThemAtSignOut) {
  const auto cookies = cookie(alice.refresh_token()) + "; " + cookie(laptop.refresh_token());
  EXPECT_EQ(logout(cookies).status, 200);
  EXPECT_FALSE(is_open(alice.token()));
  EXPECT_FALSE(is_open(laptop.token()));
}

TEST_F(RefreshCookie, IsClearedWhenSignOutKnowsNoSession) {
  system.database->query("UPDATE refresh_tokens SET expires_at = now()");
  const auto reply = logout(cookie(alice.refresh_token()), {{"Authorization", "Bearer x.y.z"}});
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.json().at("code"), "auth.unauthenticated");
  EXPECT_TRUE(clears(reply));
}

TEST_F(RefreshCookie, WhoseAnswerWasLostIsAcceptedAgainHoursLater) {
  const auto lost = token_of(refresh(cookie(alice.refresh_token())));
  for (int i = 0; i < 3; ++i) {
    system.database->query("UPDATE refresh_tokens SET used_at = used_at - interval '9 hours'");
    const auto again = refresh(cookie(alice.refresh_token()));
    ASSERT_EQ(again.status, 200) << again.body;
    EXPECT_EQ(token_of(again), lost);
    EXPECT_TRUE(is_open(again.json().at("access_token")));
  }
  EXPECT_EQ(refresh(cookie(lost)).status, 200);
}

TEST_F(RefreshCookie, ThatIsUsedAfterItsSuccessorEndsTheSession) {
  const auto second = token_of(refresh(cookie(alice.refresh_token())));
  const auto third = token_of(refresh(cookie(second)));
  eleven_seconds_pass();
  const auto stolen = refresh(cookie(alice.refresh_token()));
  EXPECT_EQ(stolen.status, 401);
  EXPECT_TRUE(clears(stolen));
  EXPECT_EQ(refresh(cookie(third)).status, 401);
  EXPECT_TRUE(is_open(laptop.token()));
}

TEST_F(RefreshCookie, OfTwoTabsThatRefreshInTurnKeepsBothSignedIn) {
  auto first = alice.refresh_token();
  auto second = first;
  for (int i = 0; i < 4; ++i) {
    first = token_of(refresh(cookie(first)));
    eleven_seconds_pass();
    second = token_of(refresh(cookie(second)));
    EXPECT_EQ(second, first);
  }
}

}  // namespace
}  // namespace fechatter::test
