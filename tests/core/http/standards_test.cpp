#include "tests/core/http/test_server.hpp"

// What RFC 9110 and RFC 9112 ask of a server, over real sockets.
namespace fechatter::http {
namespace {

using testing::HasSubstr;

class StandardsTest : public testing::Test {
 protected:
  std::vector<Route> routes() {
    const auto show_host = [](const Request& request) -> awaitable<Response> {
      const auto* host = request.find_header("host");
      co_return text_response(200, (host ? *host : "none") + " " + request.query);
    };
    const auto show_page = [](const Request& request) -> awaitable<Response> {
      const auto page = request.query_number("page", 1, 1, 9);
      if (request.find_query("fail")) throw Error{ErrorCode::not_found, "nothing"};
      co_return json_response(200, {{"page", page}});
    };
    const auto count = [this](const Request& request) -> awaitable<Response> {
      ++done;
      co_return text_response(200, request.body);
    };
    return {{Method::get, "/host", Access::anyone, show_host},
            {Method::get, "/", Access::anyone, show_host},
            {Method::get, "/page", Access::anyone, show_page},
            {Method::post, "/do", Access::anyone, count, Rate::by_access, fieldless_body},
            {Method::post, "/discard", Access::anyone, count, Rate::by_access, no_body}};
  }
  static std::string head(const std::string& line, const std::string& fields = "") {
    return line + " HTTP/1.1\r\nHost: test\r\n" + fields + "\r\n";
  }
  static std::string with_body(const std::string& line, const std::string& fields,
                               const std::string& body) {
    return head(line, fields + "Content-Length: " + std::to_string(body.size()) + "\r\n") + body;
  }

  std::atomic<int> done = 0;
  TestServer server{{}, routes()};
  RawClient client{server.port()};
};

TEST_F(StandardsTest, TheHostOfATargetInAbsoluteFormTakesThePlaceOfTheHeader) {
  EXPECT_EQ(client.ask(head("GET http://other:80/host?q=1")).body, "other:80 q=1");
  EXPECT_EQ(client.ask(head("GET HTTPS://Other/host")).body, "Other ");
  EXPECT_EQ(client.ask(head("GET http://other?q")).body, "other q");
  EXPECT_EQ(client.ask(head("GET /host")).body, "test ");
  EXPECT_EQ(client.ask(head("GET http://other/nothing")).status, 404);
}

TEST_F(StandardsTest, ABodyInAContentCodingIs415AndTheConnectionStaysOpen) {
  for (const auto* coding : {"gzip", "br", "Deflate", "identity, gzip"}) {
    const auto fields = "Content-Encoding: " + std::string{coding} + "\r\n";
    const auto refusal = client.ask(with_body("POST /echo", fields, "x"));
    EXPECT_EQ(refusal.status, 415) << coding;
    EXPECT_EQ(refusal.json().at("code"), "request.unsupported_content_coding");
    EXPECT_EQ(refusal.header("accept-encoding"), "identity");
  }
  EXPECT_EQ(server.handled, 0);
  EXPECT_EQ(client.ask(with_body("POST /echo", "Content-Encoding: identity\r\n", "x")).body, "x");
  EXPECT_EQ(client.ask(with_body("POST /discard", "Content-Encoding: gzip\r\n", "x")).status, 200);
}

TEST_F(StandardsTest, ABodyOnGetIs405WhereThePathHasNoGetAndEndsTheConnection) {
  for (const auto* body : {"Content-Length: 36\r\n", "Transfer-Encoding: chunked\r\n"}) {
    for (const auto* method : {"GET", "HEAD"}) {
      RawClient mallory{server.port()};
      mallory.send(head(std::string{method} + " /echo", body) + get("/hidden"));
      const auto refusal = mallory.read_answer(method == std::string_view{"GET"});
      EXPECT_EQ(refusal.status, 405) << method << " " << body;
      EXPECT_THAT(refusal.header("allow").value_or(""), HasSubstr("POST"));
      EXPECT_EQ(refusal.header("connection"), "close");
      EXPECT_EQ(mallory.read_until_closed(), "");
    }
  }
  EXPECT_EQ(server.hidden, 0);
}

TEST_F(StandardsTest, ABodyOnGetIs400ElsewhereWhateverTheRouterSays) {
  for (const auto* path : {"/hello", "/nothing", "/me", "/%ff"}) {
    RawClient mallory{server.port()};
    const auto line = "GET " + std::string{path};
    const auto refusal = mallory.ask(head(line, "Content-Length: 36\r\n") + get("/hidden"));
    EXPECT_EQ(refusal.status, 400) << path;
    EXPECT_EQ(mallory.read_until_closed(), "");
  }
  EXPECT_EQ(server.hidden, 0);
  EXPECT_EQ(server.handled, 0);
}

TEST_F(StandardsTest, AnAnswerNamesTheQueryParametersThatWereIgnored) {
  const auto ignored = [&](const std::string& target) {
    return client.ask(get(target)).header("x-ignored-parameters").value_or("");
  };
  EXPECT_EQ(ignored("/page?pag=2&page=1&Page=3"), "pag, Page");
  EXPECT_EQ(ignored("/page?page=1"), "");
  EXPECT_EQ(ignored("/hello?a"), "a");
  EXPECT_EQ(ignored("/page?fail&x"), "") << "of a refusal";
}

TEST_F(StandardsTest, AQueryParameterThatIsThereTwiceIsNamed) {
  const auto refusal = client.ask(get("/page?page=1&page=2"));
  EXPECT_EQ(refusal.status, 422);
  EXPECT_EQ(refusal.json().at("errors")[0].at("field"), "page");
}

TEST_F(StandardsTest, ARouteWithoutFieldsTakesNoBodyOrAnObject) {
  const std::string as_json = "Content-Type: application/json\r\n";
  EXPECT_EQ(client.ask(head("POST /do", "Content-Length: 0\r\n")).status, 200);
  EXPECT_EQ(client.ask(with_body("POST /do", as_json, "{}")).status, 200);
  EXPECT_EQ(client.ask(with_body("POST /do", as_json, R"({"unknown":[1]})")).status, 200);
  EXPECT_EQ(done, 3);
  EXPECT_EQ(client.ask(with_body("POST /do", as_json, "nonsense")).status, 400);
  EXPECT_EQ(client.ask(with_body("POST /do", as_json, "[]")).status, 422);
  EXPECT_EQ(client.ask(with_body("POST /do", "", "{}")).status, 415);
  EXPECT_EQ(client.ask(with_body("POST /do", as_json, std::string(4097, ' '))).status, 413);
  EXPECT_EQ(done, 3);
}

}  // namespace
}  // namespace fechatter::http
