#include "tests/core/http/test_server.hpp"

// Routes with Access::linked: a bearer token, or what the route itself takes for its caller.
namespace fechatter::http {
namespace {

using namespace std::chrono_literals;

const std::string as_alice = "Authorization: Bearer alice\r\n";
const std::string as_mallory = "Authorization: Bearer mallory\r\n";
const std::string with_cookie = "Cookie: picture=carol\r\n";

class LinkedRoute : public testing::Test {
 protected:
  static Edge limited() {
    Edge edge;
    RateSettings settings;
    settings.user = {1, 1h, 2};
    settings.stranger = {1, 1h, 2};
    edge.limits = std::make_shared<RateLimits>(settings);
    return edge;
  }
  static std::vector<Route> routes() {
    const auto name = [](const Request& request) -> awaitable<Response> {
      co_return text_response(200, request.user().fullname);
    };
    const auto by_cookie = [](const Request& request) -> std::optional<auth::Identity> {
      const auto values = request.cookies("picture");
      if (values.empty()) return std::nullopt;
      auth::Identity caller;
      caller.user_id = UserId{77};
      caller.fullname = values.front();
      return caller;
    };
    return {{Method::get, "/picture", Access::linked, name, Rate::by_access, {}, by_cookie},
            {Method::get, "/notes", Access::signed_in, name}};
  }
  RawAnswer get(const std::string& path, const std::string& fields) {
    return RawClient{server.port()}.ask("GET " + path + " HTTP/1.1\r\nHost: test\r\n" + fields +
                                        "\r\n");
  }

  TestServer server{{}, routes(), limited()};
};

TEST_F(LinkedRoute, TakesATokenOrWhatTheRouteKnows) {
  EXPECT_EQ(get("/picture", as_alice).body, "Alice");
  EXPECT_EQ(get("/picture", with_cookie).body, "carol");
  EXPECT_EQ(get("/picture", "").status, 401);
}

TEST_F(LinkedRoute, ABadTokenIsNotReplacedByACookie) {
  EXPECT_EQ(get("/picture", as_mallory + with_cookie).status, 401);
}

TEST_F(LinkedRoute, AnotherRouteTakesNoCookie) {
  EXPECT_EQ(get("/notes", with_cookie).status, 401);
}

TEST_F(LinkedRoute, IsChargedToItsCallerAndAFailureToItsAddress) {
  EXPECT_EQ(get("/picture", with_cookie).status, 200);
  EXPECT_EQ(get("/picture", with_cookie).status, 200);
  EXPECT_EQ(get("/picture", with_cookie).status, 429);
  EXPECT_EQ(get("/picture", as_alice).status, 200);
  EXPECT_EQ(get("/picture", "").status, 401);
  EXPECT_EQ(get("/picture", "").status, 401);
  EXPECT_EQ(get("/picture", "").status, 429);
}

}  // namespace
}  // namespace fechatter::http
