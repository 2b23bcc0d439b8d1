#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/api_description.hpp"
#include "tests/support/places.hpp"
#include "tests/support/system.hpp"

// What authors of clients stumbled over (letter E of the reports).
namespace fechatter::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* page_origin = "http://localhost:6688";
constexpr const char* events_origin = "http://localhost:6687";

struct ClientRow {
  std::string method;
  std::string target;
  std::optional<json> body;
  int status;
  std::string holds;  // a part of the body, or of a header as "name: value"
};

class ClientReports : public testing::Test {
 protected:
  static SystemOptions options() {
    SystemOptions options;
    options.server = {{"FECHATTER_EVENTS__ORIGIN", events_origin}};
    options.notify = {{"FECHATTER_HTTP__CORS_ORIGINS", page_origin}};
    return options;
  }
  static std::string text_of(const Reply& reply) {
    std::string text;
    for (const auto& [name, value] : reply.headers) text += name + ": " + value + "\n";
    return text + "\n" + reply.body;
  }
  std::string path_of(const json& message) const {
    return fmt::format("{}/{}", messages, message.at("id").get<std::int64_t>());
  }
  // A response to a body that is no JSON object.
  Reply with_bytes(const std::string& target, const std::string& type,
                   const std::string& bytes) const {
    TcpConnection connection{system.server.port()};
    connection.write(
        fmt::format("POST {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n"
                    "Connection: close\r\nContent-Type: {}\r\nContent-Length: "
                    "{}\r\n\r\n{}",
                    target, alice.token(), type, bytes.size(), bytes));
    std::string answer;
    while (connection.read(answer, std::chrono::seconds{15})) {}
    return {answer.size() > 12 ? std::stoi(answer.substr(9, 3)) : 0, {}, answer};
  }

  System system{options()};
  Person alice = system.signs_up("alice");
  std::int64_t chat = alice.makes_chat("PrivateChannel", {});
  std::string messages = fmt::format("/api/chat/{}/messages", chat);
};

TEST_F(ClientReports, EveryCaseOfLetterEIsAnsweredAsAClientExpects) {
  const auto kept = alice.posts(chat, "kept");
  const auto deleted = alice.posts(chat, "deleted text");
  EXPECT_EQ(alice.remove(path_of(deleted)).status, 204);
  const auto elsewhere = alice.posts(alice.makes_chat("PrivateChannel", {}, "other"), "elsewhere");
  const json nothing = json::object();
  const std::vector<ClientRow> rows{
      {"GET", "/", {}, 200, "<!doctype html>"},
      {"GET", "/docs/", {}, 302, "location: ../docs"},
      {"GET", "/docs", {}, 200, std::string{"connect-src 'self' "} + events_origin + ";"},
      {"GET", "/docs/page.js", {}, 200, std::string{"connect-src 'self' "} + events_origin + ";"},
      {"GET", path_of(kept), {}, 200, R"("content":"kept")"},
      {"GET", path_of(deleted), {}, 200, R"("content":"")"},
      {"GET", path_of(elsewhere), {}, 404, "message.not_found"},
      {"GET", messages + "/9223372036854775807", {}, 404, "message.not_found"},
      {"GET", "/api/chat/9223372036854775807/messages/1", {}, 404, "chat.not_found"},
      {"GET", messages + "/0", {}, 400, "request.malformed_id"},
      {"POST", "/api/events/ticket", nothing, 200, "ticket"},
      {"POST", "/api/events/ticket", json{{"unknown", 1}}, 200, "ticket"},
      {"POST", "/api/events/ticket", json::array(), 422, R"("field":"body")"},
      {"POST", "/api/events/ticket", json("text"), 422, R"("field":"body")"},
      {"POST", "/api/workspace/invitations", nothing, 201, "token"},
      {"POST", "/api/workspace/invitations", json::array({1}), 422, R"("field":"body")"},
      {"POST", fmt::format("/api/chat/{}/leave", chat), json(7), 422, R"("field":"body")"},
      {"POST", "/api/search/messages", json{{"q", "kept"}, {"cursor", nullptr}}, 200, "hits"},
      {"POST", "/api/search/messages", json{{"q", "kept"}, {"cursor", "1"}}, 422, "cursor"},
      {"GET", "/api/chat", {}, 200, R"("last_message":{)"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.method + " " + row.target);
    const auto reply = system.send(row.method, row.target, row.body, alice.bearer());
    EXPECT_EQ(reply.status, row.status) << reply.body;
    EXPECT_THAT(text_of(reply), HasSubstr(row.holds));
  }
  RecordProperty("cases", static_cast<int>(rows.size()));
}

TEST_F(ClientReports, ABodyOfAnyOtherKindIsRefusedWhereNoFieldIsKnown) {
  for (const auto* target : {"/api/events/ticket", "/api/workspace/invitations"}) {
    EXPECT_EQ(with_bytes(target, "application/json", "nonsense").status, 400) << target;
    EXPECT_EQ(with_bytes(target, "text/plain", "{}").status, 415) << target;
    EXPECT_EQ(with_bytes(target, "application/json", std::string(4097, ' ')).status, 413) << target;
  }
}

TEST_F(ClientReports, ThePageOfTheDocumentationMayReadTheAnswersOfNotifyServer) {
  auto headers = alice.bearer();
  headers["Origin"] = page_origin;
  const auto reply = request(system.notify.port(), "GET", "/api/online-users", {}, headers);
  EXPECT_EQ(reply.header("access-control-allow-origin"), page_origin);
  const auto exposed = reply.header("access-control-expose-headers");
  for (const auto* name : {"Content-Range", "X-Next-Cursor", "X-Ignored-Parameters"}) {
    EXPECT_THAT(exposed, HasSubstr(name));
  }
}

TEST_F(ClientReports, TheLastMessageOfAChatMayBeATombstone) {
  alice.posts(chat, "before");
  EXPECT_EQ(alice.remove(path_of(alice.posts(chat, "deleted text"))).status, 204);
  const auto last = alice.get("/api/chat").json()[0].at("last_message");
  EXPECT_FALSE(last.at("deleted_at").is_null());
  EXPECT_EQ(last.at("content"), "");
  const auto described = ApiDescription::instance().document().dump();
  EXPECT_THAT(described, HasSubstr("A deleted message stays the last one"));
}

TEST_F(ClientReports, ASearchAnswersFiftyMessagesUnlessAskedForMore) {
  for (int i = 0; i < 52; ++i) alice.posts(chat, fmt::format("needle {}", i));
  const auto hits = [&](const std::string& more) {
    return alice.get("/api/search/messages?q=needle" + more).json().at("hits").size();
  };
  EXPECT_TRUE(eventually([&] { return hits("&limit=100") == 52; }));
  EXPECT_EQ(hits(""), 50U);
}

TEST_F(ClientReports, AReaderThatSplitsLinesAtEveryUnicodeLineBreakReadsWholeEvents) {
  TcpConnection connection{system.notify.port()};
  connection.write(fmt::format(
      "GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n", alice.token()));
  std::string received;
  const auto read_up_to = [&](const char* text) {
    while (received.find(text) == std::string::npos) {
      if (!connection.read(received, std::chrono::seconds{15})) return false;
    }
    return true;
  };
  ASSERT_TRUE(read_up_to("CaughtUp")) << received;
  alice.posts(chat, "one\u2028two\u2029three\u0085four");
  ASSERT_TRUE(read_up_to("four")) << received;
  for (const auto* bytes : {"\u2028", "\u2029", "\u0085"}) {
    EXPECT_THAT(received, Not(HasSubstr(bytes)));
  }
  EXPECT_THAT(received, HasSubstr(R"(one\u2028two\u2029three\u0085four)"));
}

TEST(DevLogs, OfAnUnknownNameSaysWhichLogsThereAre) {
  const ScratchFolder folder;
  run({"sh", "-c", "echo line > " + folder.path("nats.log")});
  const auto output = folder.path("output");
  Process logs{
      {source_path("dev"), "logs", "nosuch"}, output, {{"FECHATTER_RUN_DIR", folder.path()}}};
  EXPECT_EQ(logs.wait(), 1);
  EXPECT_EQ(read_file(output),
            fmt::format("error: {} has no log named nosuch; it has: nats\n", folder.path()));
  EXPECT_EQ(run({source_path("dev"), "logs", "nats"}, {{"FECHATTER_RUN_DIR", folder.path()}}),
            "line\n");
}

TEST(DevUp, NamesTheDocumentation) {
  const auto demo = read_file(source_path("deploy/local/demo"));
  EXPECT_THAT(demo, HasSubstr("$server/docs"));
}

}  // namespace
}  // namespace fechatter::test
