#include "fechatter_core/http/cors.hpp"

#include "tests/core/http/test_server.hpp"

namespace fechatter::http {
namespace {

using testing::HasSubstr;

constexpr const char* app = "https://app.example";

Edge for_our_app() {
  Edge edge;
  edge.cors = Cors{{app, "http://localhost:5173"}};
  return edge;
}

class CorsTest : public testing::Test {
 protected:
  RawAnswer ask(const std::string& line, const std::string& headers) {
    RawClient client{server.port()};
    client.send(line + " HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n");
    return client.read_answer();
  }
  RawAnswer ask_from(const std::string& origin, const std::string& line = "GET /hello") {
    return ask(line, "Origin: " + origin + "\r\n");
  }
  static Limits small_bodies() {
    Limits limits;
    limits.body_bytes_max = 10;
    return limits;
  }
  static std::size_t count_cors_headers(const RawAnswer& answer) {
    std::size_t count = 0;
    for (const auto& [name, _] : answer.headers)
      count += name.starts_with("access-control-") ? 1 : 0;
    return count;
  }
  static void expect_allowed(const RawAnswer& answer, const std::string& origin = app) {
    EXPECT_EQ(answer.header("access-control-allow-origin"), origin);
    EXPECT_EQ(answer.header("access-control-allow-credentials"), "true");
    EXPECT_EQ(answer.header("cross-origin-resource-policy"), "cross-origin");
    EXPECT_EQ(answer.header("vary"), "Origin");
    const auto exposed = answer.header("access-control-expose-headers").value_or("");
    for (const auto* name :
         {"Content-Range", "RateLimit-Policy", "Retry-After", "X-Event-Position",
          "X-Ignored-Parameters", "X-Limit-Applied", "X-Next-Cursor", "X-Request-Id"}) {
      EXPECT_THAT(exposed, HasSubstr(name));
    }
  }
  static void expect_denied(const RawAnswer& answer) {
    EXPECT_EQ(count_cors_headers(answer), 0U);
    EXPECT_EQ(answer.header("cross-origin-resource-policy"), "same-origin");
  }

  TestServer server{small_bodies(), {}, for_our_app()};
};

TEST_F(CorsTest, LetsAPageOfAnAllowedOriginReadTheAnswer) {
  const auto answer = ask_from(app);
  EXPECT_EQ(answer.body, "hello");
  expect_allowed(answer);
  expect_allowed(ask_from("http://localhost:5173"), "http://localhost:5173");
}

TEST_F(CorsTest, SendsNoHeaderToAnyOtherOrigin) {
  for (const auto* origin :
       {"https://evil.example", "http://app.example", "https://app.example:8443",
        "https://app.example.evil.example", "https://xapp.example", "https://APP.example", "null",
        "*", "https://app.example/", "https://app.example, https://evil.example", ""}) {
    const auto answer = ask_from(origin);
    EXPECT_EQ(answer.status, 200) << origin;
    expect_denied(answer);
  }
  const auto without = ask("GET /hello", "");
  expect_denied(without);
  EXPECT_EQ(without.header("vary"), "Origin");
}

TEST_F(CorsTest, LetsThePageReadRefusalsToo) {
  for (const auto* line : {"GET /nothing", "DELETE /hello", "GET /me", "GET /fails", "GET /%"}) {
    const auto answer = ask_from(app, line);
    EXPECT_GE(answer.status, 400) << line;
    expect_allowed(answer);
  }
  const auto too_large =
      ask("POST /echo", "Origin: " + std::string{app} + "\r\nContent-Length: 11\r\n");
  EXPECT_EQ(too_large.status, 413);
  expect_allowed(too_large);
}

TEST_F(CorsTest, KnowsTheOriginOfOneRequestFromThatOfTheNext) {
  RawClient client{server.port()};
  expect_allowed(
      client.ask("GET /hello HTTP/1.1\r\nHost: test\r\nOrigin: https://app.example\r\n\r\n"));
  expect_denied(client.ask(get("/hello")));
}

TEST_F(CorsTest, AnswersAPreflight) {
  const auto answer = ask("OPTIONS /hello",
                          "Origin: https://app.example\r\n"
                          "Access-Control-Request-Method: GET\r\n"
                          "Access-Control-Request-Headers: authorization\r\n");
  EXPECT_EQ(answer.status, 204);
  expect_allowed(answer);
  EXPECT_EQ(answer.header("access-control-allow-methods"), "GET, HEAD, OPTIONS");
  EXPECT_THAT(answer.header("access-control-allow-headers").value_or(""),
              HasSubstr("Authorization"));
  EXPECT_EQ(answer.header("access-control-max-age"), "7200");
}

TEST_F(CorsTest, AnswersAPreflightOfAnUnknownPathSoThatThePageReadsThe404) {
  const auto preflight = [&](const std::string& origin) {
    return ask("OPTIONS /nothing",
               "Origin: " + origin + "\r\nAccess-Control-Request-Method: DELETE\r\n");
  };
  const auto answer = preflight(app);
  EXPECT_EQ(answer.status, 204);
  expect_allowed(answer);
  EXPECT_THAT(answer.header("access-control-allow-methods").value_or(""), HasSubstr("DELETE"));
  const auto denied = preflight("https://evil.example");
  EXPECT_EQ(denied.status, 404);
  expect_denied(denied);
  EXPECT_EQ(ask_from(app, "OPTIONS /nothing").status, 404);
}

TEST_F(CorsTest, AnswersNoPreflightOfAnotherOrigin) {
  const auto answer = ask("OPTIONS /hello",
                          "Origin: https://evil.example\r\n"
                          "Access-Control-Request-Method: GET\r\n");
  EXPECT_EQ(answer.status, 204);
  expect_denied(answer);
}

TEST_F(CorsTest, DistinguishesPlainOptionsFromAPreflight) {
  const auto answer = ask_from(app, "OPTIONS /hello");
  EXPECT_EQ(answer.header("access-control-allow-methods"), std::nullopt);
  EXPECT_EQ(answer.header("access-control-max-age"), std::nullopt);
}

TEST(CorsUnlessItIsWanted, IsNotThere) {
  TestServer server;
  RawClient client{server.port()};
  const auto answer =
      client.ask("GET /hello HTTP/1.1\r\nHost: test\r\nOrigin: https://app.example\r\n\r\n");
  EXPECT_EQ(answer.header("access-control-allow-origin"), std::nullopt);
  EXPECT_EQ(answer.header("vary"), std::nullopt);
  EXPECT_EQ(answer.header("cross-origin-resource-policy"), "same-origin");
}

TEST(CorsOrigin, IsSpelledAsBrowsersSendIt) {
  for (const auto* good :
       {"https://app.example", "http://localhost:5173", "http://127.0.0.1", "http://[::1]:3000",
        "tauri://localhost", "https://xn--bcher-kva.example"}) {
    EXPECT_NO_THROW(Cors::check_origin(good)) << good;
  }
  for (const auto* bad :
       {"*", "null", "", "app.example", "https://", "https://app.example/", "https://*.example",
        "https://App.example", "HTTPS://app.example", "https://app.example:443",
        "http://app.example:80", "https://app.example:", "https://a b", "https://u@app.example"}) {
    EXPECT_THROW(Cors::check_origin(bad), std::invalid_argument) << bad;
  }
}

}  // namespace
}  // namespace fechatter::http
