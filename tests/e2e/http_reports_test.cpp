#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/support/system.hpp"

// What users of other chat systems reported about HTTP and JSON (letter C of the reports), each
// case with other inputs of its kind. The numbers are those of the reports.
namespace fechatter::test {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string nul(1, '\0');
const std::string report_key = "8e03978e-40d5-43e8-bc93-6894a57f9324";
const std::string chunked_hi = "10\r\n{\"content\":\"hi\"}\r\n0\r\n\r\n";

struct HttpRow {
  std::string number;
  std::string request;
  int status;
  std::string holds;  // a part of the response
};

class HttpReports : public testing::Test {
 protected:
  std::string with_head(const std::string& line, const std::string& fields) const {
    return fmt::format("{} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n{}\r\n", line,
                       alice.token(), fields);
  }
  std::string get(const std::string& target, const std::string& fields = "") const {
    return with_head("GET " + target, "Connection: close\r\n" + fields);
  }
  std::string post(const std::string& target, const std::string& body,
                   const std::string& fields = "") const {
    const auto length = fmt::format("Content-Length: {}\r\n", body.size());
    return with_head("POST " + target,
                     "Connection: close\r\nContent-Type: application/json\r\n" + length + fields) +
           body;
  }
  std::string post_chunked(const std::string& coding) const {
    return with_head("POST " + messages,
                     "Connection: close\r\nContent-Type: application/json\r\n"
                     "Transfer-Encoding: " +
                         coding + "\r\n") +
           chunked_hi;
  }
  // All bytes of the answer, up to the end of the connection.
  static std::string answer_to(const std::string& bytes, std::uint16_t port) {
    TcpConnection connection{port};
    connection.write(bytes);
    std::string answer;
    while (connection.read(answer, std::chrono::seconds{15})) {}
    return answer;
  }

  std::vector<HttpRow> target_rows() const {
    return {{"12", get("http://host/health/simple"), 200, "OK"},
            {"12", get("http://host:6688/health/simple?x"), 200, "X-Ignored-Parameters: x\r\n"},
            {"12", get("HTTPS://Other.example/api/chat"), 200, "the chat"},
            {"12", get("http://host"), 200, "Content-Type: text/html"},
            {"12", get("http://alice@host/health/simple"), 400, "request.malformed"},
            {"12", get("http:///health/simple"), 400, "request.malformed"},
            {"12", get("ftp://host/health/simple"), 400, "request.malformed"},
            {"12", get("http://host/health/simple", "Host: y\r\n"), 400, "request.malformed"}};
  }
  std::vector<HttpRow> coding_rows() const {
    const auto coded = [&](const std::string& coding) {
      return post(messages, R"({"content":"hi"})", "Content-Encoding: " + coding + "\r\n");
    };
    return {{"13", post_chunked("chunked"), 201, "hi"},
            {"13", post_chunked("Chunked"), 201, "hi"},
            {"13", post_chunked("CHUNKED"), 201, "hi"},
            {"13", post_chunked("gzip, chunked"), 501, "request.not_implemented"},
            {"13", post_chunked("Deflate,Chunked"), 501, "request.not_implemented"},
            {"13", post_chunked("chunked, gzip"), 400, "request.malformed"},
            {"13", post_chunked("chunked, chunked"), 400, "request.malformed"},
            {"13", post_chunked("chunked\r\nContent-Length: 5"), 400, "request.malformed"},
            {"14", coded("gzip"), 415, "request.unsupported_content_coding"},
            {"14", coded("br"), 415, "Accept-Encoding: identity\r\n"},
            {"14", coded("identity, zstd"), 415, "request.unsupported_content_coding"},
            {"14", coded("Identity"), 201, "hi"}};
  }
  std::vector<HttpRow> json_rows() const {
    const auto hi_and = [&](const std::string& rest) {
      return post(messages, R"({"content":"hi")" + rest);
    };
    const std::string named = R"("field":"reply_to")";
    return {{"15", hi_and("}" + nul), 400, "request.malformed_json"},
            {"15", hi_and("}" + nul + "{}"), 400, "request.malformed_json"},
            {"15", hi_and("} x"), 400, "request.malformed_json"},
            {"15", hi_and("}{}"), 400, "request.malformed_json"},
            {"15", hi_and(nul + "}"), 400, "request.malformed_json"},
            {"15", hi_and("} \r\n\t"), 201, "hi"},
            {"16", hi_and(R"(,"colour":18446744073709551615})"), 201, "hi"},
            {"16", hi_and(R"(,"colour":-123456789012345678901234567890})"), 201, "hi"},
            {"16", hi_and(R"(,"colour":[{"deep":1e400}]})"), 201, "hi"},
            {"16", hi_and(R"(,"reply_to":9223372036854775808})"), 422, named},
            {"16", hi_and(R"(,"reply_to":18446744073709551616})"), 422, named},
            {"16", hi_and(R"(,"reply_to":1e400})"), 422, named},
            {"16", hi_and(R"(,"mentions":[-1e400]})"), 422, R"("field":"mentions[0]")"},
            {"16", post("/api/search/messages", R"({"q":"a","limit":-1e30})"), 422,
             R"("field":"limit")"},
            {"16", hi_and(R"(,"colour":01e400})"), 400, "request.malformed_json"}};
  }
  std::vector<HttpRow> parameter_rows() const {
    const auto keyed = [&](const std::string& value) {
      return post(messages, R"({"content":"keyed"})", "Idempotency-Key: " + value + "\r\n");
    };
    return {{"17", keyed(report_key), 201, "keyed"},
            {"17", keyed('"' + report_key + '"'), 200, "Idempotency-Replayed: true\r\n"},
            {"17", keyed('"' + report_key + "\";a=1"), 200, "Idempotency-Replayed: true\r\n"},
            {"17", keyed('"' + report_key), 422, R"("field":"idempotency_key")"},
            {"17", keyed("\"\""), 422, R"("field":"idempotency_key")"},
            {"twice", get(messages + "?limit=1&limit=2"), 422, R"("field":"limit")"},
            {"twice", get(messages + "?limit=1&%6cimit=1"), 422, R"("field":"limit")"},
            {"twice", get(messages + "?before=1&last_id=2"), 422, R"("field":"last_id")"},
            {"twice", get("/api/search/messages?q=a&q=b"), 422, R"("field":"q")"},
            {"twice", get("/api/users?q=a&after_id=1&after_id=1"), 422, R"("field":"after_id")"},
            {"misspelt", get(messages + "?limt=1"), 200, "X-Ignored-Parameters: limt\r\n"},
            {"misspelt", get("/api/chat?a=1&b=2&a=3"), 200, "X-Ignored-Parameters: a, b\r\n"},
            {"misspelt", get("/api/search/messages?q=a&Limit=1&chat=2"), 200,
             "X-Ignored-Parameters: Limit, chat\r\n"},
            {"misspelt", get(messages + "/search?q=a&chat_id=7"), 200,
             "X-Ignored-Parameters: chat_id\r\n"}};
  }

  System system;
  Person alice = system.signs_up("alice");
  std::int64_t chat = alice.makes_chat("PrivateChannel", {});
  std::string messages = fmt::format("/api/chat/{}/messages", chat);
};

TEST_F(HttpReports, EveryCaseOfLetterCIsAnsweredAsItsStandardHasIt) {
  std::size_t count = 0;
  for (const auto& rows : {target_rows(), coding_rows(), json_rows(), parameter_rows()}) {
    for (const auto& row : rows) {
      SCOPED_TRACE(row.number + ": " + row.request);
      const auto answer = answer_to(row.request, system.server.port());
      EXPECT_THAT(answer, testing::StartsWith(fmt::format("HTTP/1.1 {} ", row.status)));
      EXPECT_THAT(answer, HasSubstr(row.holds));
      ++count;
    }
  }
  RecordProperty("cases", static_cast<int>(count));
}

TEST_F(HttpReports, KnownParametersAreNotListedAsIgnored) {
  const auto id = alice.posts(chat, "known").at("id").get<std::int64_t>();
  for (const auto& target : {fmt::format("{}?limit=2&before={}", messages, id),
                             fmt::format("{}?last_id={}", messages, id),
                             fmt::format("{}?around={}&limit=2", messages, id),
                             std::string{"/api/chat?limit=2&cursor=1-1"},
                             std::string{"/api/users?q=a&limit=1&after_id=0"},
                             std::string{"/api/search/messages?q=a&chat_type=Group&from=2026-01-01"
                                         "&to=2026-01-02&has=file&sort=newest&limit=3&offset=1"}}) {
    const auto answer = answer_to(get(target), system.server.port());
    EXPECT_THAT(answer, testing::StartsWith("HTTP/1.1 200 ")) << target;
    EXPECT_THAT(answer, Not(HasSubstr("X-Ignored-Parameters: "))) << target;
  }
}

// Case 18.
TEST_F(HttpReports, AnEmptyLastEventIdIsNone) {
  auto stream = alice.subscribes();
  alice.posts(chat, "seen");
  const auto seen = stream.next("NewMessage");
  ASSERT_TRUE(seen);
  stream.close();
  alice.posts(chat, "missed");
  auto headers = alice.bearer();
  headers["Last-Event-ID"] = "";
  SseStream resumed{system.notify.port(), "/events?last_event_id=" + seen->id, headers};
  const auto missed = resumed.next("NewMessage");
  ASSERT_TRUE(missed);
  EXPECT_EQ(missed->data.at("content"), "missed");
}

// Case 20.
TEST_F(HttpReports, HeadLeavesATicketAsItIs) {
  const auto ticket = alice.post("/api/events/ticket", nlohmann::json::object()).json();
  const auto target = "/events?ticket=" + ticket.at("ticket").get<std::string>();
  const auto head = [&] { return request(system.notify.port(), "HEAD", target); };
  EXPECT_EQ(head().status, 200);
  EXPECT_EQ(head().header("content-type"), "text/event-stream");
  const SseStream stream{system.notify.port(), target};
  EXPECT_EQ(stream.status(), 200);
  EXPECT_EQ(head().status, 401);
  EXPECT_EQ(SseStream(system.notify.port(), target).status(), 401);
}

TEST_F(HttpReports, AStreamNamesTheParametersThatItIgnores) {
  const SseStream stream{system.notify.port(), "/events?since=1&last_event_id=", alice.bearer()};
  EXPECT_EQ(stream.status(), 200);
  EXPECT_THAT(stream.head(), HasSubstr("X-Ignored-Parameters: since\r\n"));
}

}  // namespace
}  // namespace fechatter::test
