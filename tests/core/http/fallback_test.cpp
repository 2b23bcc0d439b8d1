#include "tests/core/http/test_server.hpp"

namespace fechatter::http {
namespace {

// A route for paths that no other route has.
class Fallback : public testing::Test {
 protected:
  static Route route() {
    Route pages;
    pages.method = Method::get;
    pages.path = "/{page}";
    pages.access = Access::anyone;
    pages.handler = [](const Request& request) -> awaitable<Response> {
      co_return text_response(200, "page " + request.path);
    };
    pages.fallback_for = [](const Request& request) { return !request.path.starts_with("/api"); };
    return pages;
  }
  RawAnswer ask(const std::string& bytes) { return RawClient{server.port()}.ask(bytes); }
  static std::string request(const std::string& line, const std::string& headers = "") {
    return line + " HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n";
  }

  TestServer server{Limits{}, {route()}};
};

TEST_F(Fallback, ServesPathsThatNoRouteHas) {
  for (const auto* path : {"/", "/signin", "/chat/1/message/2", "/chat/", "/page", "/%7Bpage%7D"}) {
    EXPECT_EQ(ask(get(path)).status, 200) << path;
  }
  EXPECT_EQ(ask(get("/%63hat/1/2")).body, "page /chat/1/2");
  EXPECT_EQ(ask(get("/hello")).body, "hello");
  EXPECT_EQ(ask(get("/chat/42")).body, "42");
  EXPECT_EQ(ask(get("/api")).status, 404);
  EXPECT_EQ(ask(get("/api/nothing")).json().at("code"), "request.not_found");
}

TEST_F(Fallback, ServesHeadAndNoOtherMethod) {
  RawClient client{server.port()};
  client.send(request("HEAD /signin"));
  const auto head = client.read_answer(false);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), "12");
  for (const auto* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"}) {
    EXPECT_EQ(ask(request(std::string{method} + " /signin")).status, 404) << method;
  }
}

TEST_F(Fallback, LeavesOtherMethodsOfAKnownPathToItsRoutes) {
  EXPECT_EQ(ask(request("GET /echo")).status, 405);
  EXPECT_EQ(ask(request("DELETE /hello")).status, 405);
}

TEST_F(Fallback, ServesNoPathThatCouldLeadElsewhere) {
  for (const auto* path : {"/..", "/.", "/../x", "/x/../y", "/x/%2e%2e/y", "/%2E%2E%2Fetc%2Fpasswd",
                           "/x%2fy", "/x%5cy", "/x\\y", "//x", "/x//y", "/./x", "/x/%2e"}) {
    EXPECT_EQ(ask(get(path)).status, 404) << path;
  }
  for (const auto* path : {"/x%00", "/%", "/%zz", "/%ff%fe", "/%c0%ae%c0%ae/x"}) {
    EXPECT_EQ(ask(get(path)).status, 400) << path;
  }
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "/x";
  EXPECT_EQ(ask(get(deep)).status, 404);
}

}  // namespace
}  // namespace fechatter::http
