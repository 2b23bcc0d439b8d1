#include "fechatter_core/http/router.hpp"

#include "tests/core/http/test_server.hpp"

namespace fechatter::http {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class RouterTest : public testing::Test {
 protected:
  RawAnswer ask(const std::string& bytes) { return RawClient{server.port()}.ask(bytes); }
  static std::string request(const std::string& line, const std::string& headers = "") {
    return line + " HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n";
  }

  TestServer server;
};

TEST_F(RouterTest, FindsRoutesByTheirSegments) {
  EXPECT_EQ(ask(get("/hello")).body, "hello");
  EXPECT_EQ(ask(get("/chat/42")).body, "42");
  EXPECT_EQ(ask(get("/chat/42?q=1")).body, "42");
}

TEST_F(RouterTest, PrefersALiteralSegmentToAParameter) {
  EXPECT_EQ(ask(get("/chat/public")).body, "public");
}

TEST_F(RouterTest, DecodesThePath) {
  EXPECT_EQ(ask(get("/h%65llo")).body, "hello");
  EXPECT_EQ(ask(get("/chat/%34%32")).body, "42");
}

TEST_F(RouterTest, AnswersOtherPathsWithNotFound) {
  for (const auto* path :
       {"/", "/nothing", "/hello/", "//hello", "/hello/x", "/chat", "/chat/", "/chat/..", "/chat/.",
        "/chat/%2e%2e", "/chat/1%2f2", "/chat%2f1", "/chat/a%5cb", "/HELLO"}) {
    const auto answer = ask(get(path));
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(answer.json().at("code"), "request.not_found");
  }
  EXPECT_EQ(ask(get(std::string(5000, '/'))).status, 404);
}

TEST_F(RouterTest, RefusesAPathThatIsNoText) {
  for (const auto* path : {"/%", "/chat/%4", "/%zz", "/hello%00", "/chat/%ff"}) {
    const auto answer = ask(get(path));
    EXPECT_EQ(answer.status, 400) << path;
    EXPECT_EQ(answer.json().at("code"), "request.malformed");
  }
}

TEST_F(RouterTest, RefusesAPathIdThatIsNoNumber) {
  EXPECT_EQ(ask(get("/chat/alice")).json().at("code"), "request.malformed_id");
}

TEST_F(RouterTest, NamesTheMethodsThatAPathAllows) {
  const auto answer = ask(request("DELETE /hello"));
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.header("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(answer.json().at("code"), "request.method_not_allowed");
  EXPECT_EQ(ask(request("BREW /echo")).header("allow"), "POST, OPTIONS");
}

TEST_F(RouterTest, AnswersOptionsOnKnownPathsOnly) {
  const auto answer = ask(request("OPTIONS /hello"));
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.header("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(answer.header("content-length"), std::nullopt);
  EXPECT_EQ(ask(request("OPTIONS /nothing")).status, 404);
}

TEST_F(RouterTest, RequiresATokenWhereTheRouteDoes) {
  const auto answer = ask(get("/me"));
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.header("www-authenticate"), "Bearer");
  EXPECT_EQ(answer.json().at("code"), "auth.unauthenticated");
}

TEST_F(RouterTest, RefusesAnInvalidToken) {
  const auto answer = ask(request("GET /me", "Authorization: Bearer mallory\r\n"));
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.header("www-authenticate"), "Bearer");
}

TEST_F(RouterTest, PassesTheCallerToTheHandler) {
  EXPECT_EQ(ask(request("GET /me", "Authorization: Bearer alice\r\n")).body, "Alice");
}

TEST_F(RouterTest, DescribesAProblemAsProblemJson) {
  const auto answer = ask(request("GET /nothing", "X-Request-Id: abc\r\n"));
  EXPECT_EQ(answer.header("content-type"), "application/problem+json");
  const auto problem = answer.json();
  const auto& detail = problem.at("detail");
  const nlohmann::json expected{{"type", "urn:fechatter:problem:request.not_found"},
                                {"title", "Not found"},
                                {"status", 404},
                                {"detail", detail},
                                {"code", "request.not_found"},
                                {"request_id", "abc"},
                                {"message", detail},
                                {"error", detail}};
  EXPECT_EQ(problem, expected);
}

TEST_F(RouterTest, NamesTheFieldsThatAreWrong) {
  const auto answer = ask(post("/json", "[]"));
  EXPECT_EQ(answer.status, 422);
  const nlohmann::json expected{{{"field", "body"}, {"detail", "must be a JSON object"}}};
  EXPECT_EQ(answer.json().at("errors"), expected);
}

TEST_F(RouterTest, AnswersJsonErrorsWithTheirStatus) {
  EXPECT_EQ(ask(post("/json", R"({"a":1})")).body, R"({"a":1})");
  EXPECT_EQ(ask(post("/json", "{")).status, 400);
  const auto untyped = ask(request("POST /json", "Content-Length: 0\r\n"));
  EXPECT_EQ(untyped.status, 415);
}

TEST_F(RouterTest, HidesTheCauseOfAFailureFromTheClient) {
  const LogCapture log;
  const auto answer = ask(request("GET /fails?token=hush", "X-Request-Id: abc\r\n"));
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.json().at("code"), "server.internal");
  EXPECT_EQ(answer.json().at("request_id"), "abc");
  EXPECT_THAT(answer.body, Not(HasSubstr("secret")));
  EXPECT_THAT(log.text(), AllOf(HasSubstr("abc GET /fails"), HasSubstr("secret")));
  EXPECT_THAT(log.text(), Not(HasSubstr("hush")));
}

TEST_F(RouterTest, LogsAPathWithLineBreaksOnOneLine) {
  const LogCapture log;
  ask(get("/nothing%0Aforged"));
  EXPECT_THAT(log.text(), AllOf(HasSubstr("/nothing?forged"), Not(HasSubstr("\nforged"))));
}

TEST_F(RouterTest, GoesOnAfterAFailure) {
  RawClient client{server.port()};
  EXPECT_EQ(client.ask(get("/fails")).status, 500);
  EXPECT_EQ(client.ask(get("/hello")).body, "hello");
}

TEST(ProblemResponse, HasARetryTimeOfOneSecondByDefault) {
  for (const auto code : {ErrorCode::overloaded, ErrorCode::draining, ErrorCode::rate_limited}) {
    const auto response = problem_response(Error{code, "later"}, "id");
    EXPECT_THAT(response.headers, testing::Contains(testing::Pair("Retry-After", "1")));
  }
}

TEST(ProblemResponse, HasTheExactRetryTimeWhenItIsKnown) {
  for (const auto code : {ErrorCode::rate_limited, ErrorCode::chat_busy}) {
    Error error{code, "later"};
    error.come_again_after(std::chrono::seconds{17});
    EXPECT_THAT(problem_response(error, "id").headers,
                testing::Contains(testing::Pair("Retry-After", "17")));
  }
}

TEST(ProblemResponse, SurvivesTextThatIsNotUtf8) {
  const auto response = problem_response(Error{ErrorCode::not_found, "no \xff"}, "id");
  EXPECT_TRUE(nlohmann::json::accept(response.body));
}

TEST(RouterConstruction, RefusesRoutesThatHideEachOther) {
  const auto handler = [](const Request&) -> awaitable<Response> { co_return no_content(); };
  const auto build = [&](std::string_view first, std::string_view second, Method method) {
    std::vector<Route> routes{{Method::get, first, Access::anyone, handler},
                              {method, second, Access::anyone, handler}};
    const Router router{std::move(routes), nullptr};
  };
  EXPECT_THROW(build("/a/{id}", "/a/{id}", Method::get), std::invalid_argument);
  EXPECT_THROW(build("/a/{id}", "/a/{other}", Method::put), std::invalid_argument);
  EXPECT_NO_THROW(build("/a/{id}", "/a/{id}", Method::put));
}

}  // namespace
}  // namespace fechatter::http
