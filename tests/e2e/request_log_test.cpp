#include <fmt/format.h>
#include <gmock/gmock.h>

#include <optional>
#include <sstream>

#include "tests/support/system.hpp"

// The lines that the servers write about requests, in JSON.
namespace fechatter::test {
namespace {

using nlohmann::json;

constexpr auto client_address = "203.0.113.77";
constexpr auto trace_id = "0af7651916cd43dd8448eb211c80319c";

Environment logging() {
  return {{"FECHATTER_LOG__FORMAT", "json"},
          {"FECHATTER_LOG__LEVEL", "debug"},
          {"FECHATTER_LOG__REQUESTS", "true"},
          {"FECHATTER_HTTP__TRUSTED_PROXIES", "127.0.0.1/32"}};
}

SystemOptions options() {
  SystemOptions options;
  options.server = options.notify = logging();
  return options;
}

std::vector<json> lines_of(const Server& server) {
  std::istringstream text{server.log()};
  std::vector<json> lines;
  for (std::string line; std::getline(text, line);) {
    if (!line.empty()) lines.push_back(json::parse(line));
  }
  return lines;
}

std::optional<json> find_request(const Server& server, const std::string& request_id) {
  for (auto& line : lines_of(server)) {
    if (line.value("request_id", "") == request_id) return line;
  }
  return std::nullopt;
}

Headers with_id(Headers headers, const std::string& id) {
  headers.emplace("X-Request-Id", id);
  headers.emplace("X-Forwarded-For", client_address);
  return headers;
}

class RequestLog : public testing::Test {
 protected:
  json line_of(const Server& server, const std::string& request_id) const {
    std::optional<json> line;
    EXPECT_TRUE(eventually([&] { return (line = find_request(server, request_id)).has_value(); }));
    return line.value_or(json::object());
  }

  System system{options()};
  Person alice = system.signs_up("alice");
};

TEST_F(RequestLog, ALineSaysWhatWasAskedByWhichUserAndHowItEnded) {
  const auto chat = alice.makes_chat("PublicChannel", {}, "general");
  auto headers = with_id(alice.bearer(), "the-request");
  headers.emplace("traceparent", fmt::format("00-{}-b7ad6b7169203331-00", trace_id));
  const auto path = fmt::format("/api/chat/{}/messages", chat);
  ASSERT_EQ(system.post(path, {{"content", "hello"}}, headers).status, 201);
  const auto line = line_of(system.server, "the-request");
  EXPECT_EQ(line.at("level"), "info");
  EXPECT_EQ(line.at("process"), "fechatter_server");
  EXPECT_EQ(line.at("method"), "POST");
  EXPECT_EQ(line.at("route"), "/api/chat/{id}/messages");
  EXPECT_EQ(line.at("status"), 201);
  EXPECT_GT(line.at("milliseconds").get<double>(), 0);
  EXPECT_EQ(line.at("user_id"), alice.id());
  EXPECT_EQ(line.at("workspace_id"), alice.auth().at("user").at("workspace_id"));
  EXPECT_EQ(line.at("trace_id"), trace_id);
}

TEST_F(RequestLog, ARefusalHasALineAsWell) {
  ASSERT_EQ(system.get("/api/chat", with_id({}, "without-token")).status, 401);
  const auto line = line_of(system.server, "without-token");
  EXPECT_EQ(line.at("status"), 401);
  EXPECT_EQ(line.at("route"), "/api/chat");
  EXPECT_FALSE(line.contains("user_id"));
  EXPECT_FALSE(line.contains("trace_id"));
  ASSERT_EQ(system.get("/nowhere", with_id({}, "to-nowhere")).status, 404);
  EXPECT_FALSE(line_of(system.server, "to-nowhere").contains("route"));
}

// Kubernetes asks every few seconds.
TEST_F(RequestLog, AProbeIsALineForDebuggingOnly) {
  ASSERT_EQ(system.get("/health/simple", with_id({}, "the-probe")).status, 200);
  EXPECT_EQ(line_of(system.server, "the-probe").at("level"), "debug");
}

// Each of these texts comes in by another way.
TEST_F(RequestLog, NoLineHoldsATextATokenOrAnAddress) {
  const auto bob = system.signs_up("bob");
  const auto chat = alice.makes_chat("PrivateChannel", {bob.id()}, "canary-name");
  auto stream = bob.subscribes();
  const auto path = fmt::format("/api/chat/{}/messages", chat);
  system.post(path, {{"content", "canary-text"}}, with_id(alice.bearer(), "r1"));
  system.post(path, {{"content", 7}, {"canary-field", 1}}, with_id(alice.bearer(), "r2"));
  system.get("/api/search?query=canary-query", with_id(alice.bearer(), "r3"));
  system.get("/api/chat?access_token=canary-token", with_id({}, "r4"));
  system.get("/api/chat", with_id({{"Authorization", "Bearer canary-bearer"}}, "r5"));
  system.get("/api/chat", with_id({{"Cookie", "__Host-refresh_token=canary-cookie"}}, "r6"));
  system.get("/api/invitations/canary-invitation", with_id({}, "r7"));
  system.post("/api/signin", {{"email", "canary@acme.example"}, {"password", "canary-password"}},
              with_id({}, "r8"));
  system.post("/api/refresh", {{"refresh_token", "canary-refresh"}}, with_id({}, "r9"));
  ASSERT_TRUE(stream.next("NewMessage"));
  line_of(system.server, "r9");
  const auto log = system.server.log() + system.notify.log();
  EXPECT_EQ(log.find("canary"), std::string::npos) << log.substr(log.find("canary") - 200, 400);
  for (const auto& secret : {alice.token(), alice.refresh_token(), alice.email(), bob.email(),
                             bob.token(), std::string{client_address}}) {
    EXPECT_EQ(log.find(secret), std::string::npos) << secret;
  }
}

}  // namespace
}  // namespace fechatter::test
