#include "fechatter_core/http/failure.hpp"

#include <fmt/format.h>

#include "tests/core/http/test_server.hpp"

namespace fechatter::http {
namespace {

using testing::HasSubstr;

class Failures : public testing::Test {
 protected:
  int lines() const {
    const auto text = log.text();
    return static_cast<int>(std::ranges::count(text, '\n'));
  }
  static Response fail_with(ErrorCode code) {
    Request request;
    request.method = Method::get;
    request.path = "/api/chat";
    return failure_response(std::make_exception_ptr(Error{code, "Too much."}), request);
  }

  const LogCapture log;
};

// A stranger fills a queue with thousands of requests; the log stays readable, and the disk free.
TEST_F(Failures, ManyRefusalsAreAFewLinesThatCountThem) {
  constexpr int refusals = 1000;
  for (int i = 0; i < refusals; ++i) {
    EXPECT_EQ(fail_with(ErrorCode::overloaded).status, 503);
  }
  EXPECT_LT(lines(), 100);
  EXPECT_TRUE(eventually([&] {
    fail_with(ErrorCode::overloaded);
    return log.text().find(" before it)") != std::string::npos;
  }));
  EXPECT_THAT(log.text(), HasSubstr("GET /api/chat: server.overloaded: Too much. (and "));
}

TEST_F(Failures, EachFaultOfTheServerIsALine) {
  for (int i = 0; i < 10; ++i) fail_with(ErrorCode::internal);
  EXPECT_EQ(lines(), 10);
}

TEST_F(Failures, ALineNamesTheRequestItsTraceAndItsCaller) {
  Request request;
  request.id = "r-1";
  request.method = Method::get;
  request.path = "/api/chat";
  request.span.context = {1, 2, 3, false};
  request.caller.emplace();
  request.caller->user_id = UserId{7};
  request.caller->workspace_id = WorkspaceId{8};
  failure_response(std::make_exception_ptr(std::runtime_error{"broken"}), request);
  EXPECT_THAT(
      log.text(),
      HasSubstr(R"(broken,"request_id":"r-1","trace_id":"00000000000000010000000000000002",)"
                R"("workspace_id":8,"user_id":7,"method":"GET")"));
}

TEST_F(Failures, RefusalsOfTheClientAreNotLogged) {
  fail_with(ErrorCode::rate_limited);
  EXPECT_EQ(lines(), 0);
}

}  // namespace
}  // namespace fechatter::http
