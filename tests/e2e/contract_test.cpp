#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// The response to each class of bad input, over the wire.
class HttpContract : public testing::Test {
 protected:
  static SystemOptions without_notify() {
    SystemOptions options;
    options.start_notify = false;
    return options;
  }
  // Sends raw bytes and returns the status of the response.
  int status_of(const std::string& bytes) const {
    TcpConnection connection{system.server.port()};
    connection.write(bytes);
    std::string answer;
    while (answer.find("\r\n") == std::string::npos) {
      if (!connection.read(answer, std::chrono::seconds{15})) return 0;
    }
    return std::stoi(answer.substr(9, 3));
  }
  std::string post_of(const std::string& headers, const std::string& body) const {
    return fmt::format(
        "POST /api/chat HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n{}Content-Length: "
        "{}\r\n\r\n{}",
        alice.token(), headers, body.size(), body);
  }
  static constexpr const char* as_json = "Content-Type: application/json\r\n";

  System system{without_notify()};
  Person alice = system.signs_up("alice");
};

TEST_F(HttpContract, MalformedJsonIs400) {
  for (const auto* body : {"{", "", "nonsense", "{\"a\":1,\"a\":2}", "\"\xff\"", "{\"a\":1e}"}) {
    EXPECT_EQ(status_of(post_of(as_json, body)), 400) << body;
  }
  EXPECT_EQ(status_of(post_of(as_json, std::string(40, '[') + std::string(40, ']'))), 400);
}

TEST_F(HttpContract, AMalformedPathIdIs400) {
  for (const auto* id : {"abc", "0", "-1", "1x", "99999999999999999999"}) {
    const auto reply = alice.get(fmt::format("/api/chat/{}", id));
    EXPECT_EQ(reply.status, 400) << id;
    EXPECT_EQ(reply.json().at("code"), "request.malformed_id") << id;
  }
}

TEST_F(HttpContract, AMissingOrInvalidTokenIs401) {
  for (const auto& headers : {Headers{}, Headers{{"Authorization", "Bearer x.y.z"}},
                              Headers{{"Authorization", "Basic YTpi"}}}) {
    const auto reply = system.get("/api/chat", headers);
    EXPECT_EQ(reply.status, 401);
    EXPECT_EQ(reply.header("www-authenticate"), "Bearer");
  }
}

TEST_F(HttpContract, AnUnknownPathIs404AndAWrongMethod405WithAllow) {
  EXPECT_EQ(system.get("/api/nowhere").status, 404);
  const auto reply = alice.remove("/api/chat");
  EXPECT_EQ(reply.status, 405);
  EXPECT_THAT(reply.header("allow"), HasSubstr("GET"));
}

TEST_F(HttpContract, ATooLargeBodyIs413AndATooLargeHeader431) {
  EXPECT_EQ(status_of("POST /api/signin HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n"),
            413);
  EXPECT_EQ(status_of("GET /health HTTP/1.1\r\nHost: x\r\nX: " + std::string(17'000, 'x')), 431);
}

TEST_F(HttpContract, AnotherContentTypeIs415) {
  EXPECT_EQ(status_of(post_of("Content-Type: text/plain\r\n", "{}")), 415);
  EXPECT_EQ(status_of(post_of("", "{}")), 415);
}

TEST_F(HttpContract, InvalidFieldsAre422AndAreAllNamed) {
  const auto reply = system.post("/api/signup", {{"fullname", ""},
                                                 {"email", "x"},
                                                 {"password", "short"},
                                                 {"workspace", std::string(33, 'w')}});
  EXPECT_EQ(reply.status, 422);
  std::vector<std::string> fields;
  const auto problem = reply.json();
  for (const auto& error : problem.at("errors")) fields.push_back(error.at("field"));
  EXPECT_THAT(fields, testing::ElementsAre("fullname", "email", "password", "workspace"));
}

TEST_F(HttpContract, AMalformedEmailIsRefused) {
  for (const auto* email : {"no at sign", "a@", "@b", "a@b@c", "a b@c.de"}) {
    const auto reply = system.post(
        "/api/signup",
        {{"fullname", "x"}, {"email", email}, {"password", "long enough"}, {"workspace", "w"}});
    EXPECT_EQ(reply.status, 422) << email;
    EXPECT_EQ(reply.json().at("errors")[0].at("field"), "email");
  }
}

TEST_F(HttpContract, AnErrorIsAProblemDocument) {
  const auto reply = system.get("/api/chat", {{"X-Request-Id", "my-id.1"}});
  EXPECT_EQ(reply.header("content-type"), "application/problem+json");
  const auto problem = reply.json();
  for (const auto* name : {"type", "title", "status", "detail", "code", "request_id"}) {
    EXPECT_TRUE(problem.contains(name)) << name;
  }
  EXPECT_EQ(problem.at("status"), 401);
  EXPECT_EQ(problem.at("request_id"), "my-id.1");
  EXPECT_EQ(problem.at("message"), problem.at("detail"));
  EXPECT_EQ(problem.at("error"), problem.at("detail"));
}

TEST_F(HttpContract, UnknownFieldsAreIgnored) {
  const auto reply = alice.post(
      "/api/chat", {{"name", "general"}, {"chat_type", "PublicChannel"}, {"colour", "red"}});
  EXPECT_EQ(reply.status, 201);
}

TEST_F(HttpContract, EveryResponseHasARequestIdAndTheSecurityHeaders) {
  for (const auto* target : {"/health", "/api/nowhere", "/api/chat"}) {
    const auto reply = system.get(target);
    EXPECT_FALSE(reply.header("x-request-id").empty()) << target;
    EXPECT_EQ(reply.header("x-content-type-options"), "nosniff") << target;
    EXPECT_EQ(reply.header("referrer-policy"), "no-referrer") << target;
    EXPECT_FALSE(reply.header("cross-origin-resource-policy").empty()) << target;
    EXPECT_FALSE(reply.header("content-security-policy").empty()) << target;
  }
}

TEST_F(HttpContract, HealthReportsEachDependencyWithItsLatency) {
  const auto reply = system.get("/health");
  EXPECT_EQ(reply.status, 200);
  const auto health = reply.json();
  EXPECT_EQ(health.at("status"), "healthy");
  EXPECT_EQ(health.at("nats_connection_status"), "connected");
  std::vector<std::string> names;
  for (const auto& service : health.at("services")) {
    names.push_back(service.at("name"));
    EXPECT_EQ(service.at("status"), "healthy");
    EXPECT_GT(service.at("latency_ms"), 0);
    EXPECT_TRUE(service.at("error").is_null());
  }
  EXPECT_THAT(names, testing::UnorderedElementsAre("database", "nats", "startup", "revocations",
                                                   "search", "cleanup", "files"));
  EXPECT_TRUE(health.contains("memory_usage"));
  EXPECT_TRUE(health.contains("database_pool_usage"));
  EXPECT_TRUE(health.contains("timestamp"));
}

}  // namespace
}  // namespace fechatter::test
