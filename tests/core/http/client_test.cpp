#include "fechatter_core/http/client.hpp"

#include "tests/core/http/test_server.hpp"

// The client for requests to other servers, against a real listener.
namespace fechatter::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class HttpClient : public testing::Test {
 protected:
  HttpClient() : server{std::make_unique<TestServer>(Limits{}, routes())} {}

  static std::vector<Route> routes() {
    const auto redirect = [](const Request&) -> awaitable<Response> {
      Response response = text_response(302, "elsewhere");
      response.with_header("Location", "/hello");
      co_return response;
    };
    const auto headers = [](const Request& request) -> awaitable<Response> {
      const auto* value = request.find_header("x-signature");
      co_return text_response(200, value ? *value : "none");
    };
    const auto many_headers = [](const Request&) -> awaitable<Response> {
      Response response = text_response(200, "many");
      for (int i = 0; i < 20; ++i) response.with_header("X-Long", std::string(1000, 'x'));
      co_return response;
    };
    const auto echo = [](const Request& request) -> awaitable<Response> {
      co_return text_response(200, request.body);
    };
    return {{Method::put, "/echo", Access::anyone, echo},
            {Method::get, "/redirect", Access::anyone, redirect},
            {Method::post, "/signature", Access::anyone, headers},
            {Method::get, "/headers", Access::anyone, many_headers}};
  }
  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(server->port()) + path;
  }
  ClientRequest request(const std::string& method, const std::string& path,
                        const std::string& body = "") const {
    return {method, url(path), {"Content-Type: application/json"}, body};
  }
  // A PUT whose body is read 10,000 bytes at a time at most.
  ClientRequest upload(const std::string& body) const {
    auto put = request("PUT", "/echo");
    const auto read = [&body](std::uint64_t offset, char* to, std::size_t count) {
      return body.copy(to, std::min<std::size_t>(count, 10'000), offset);
    };
    put.upload = ClientUpload{body.size(), read};
    return put;
  }
  static std::string failure_of(Client& client, const ClientRequest& request) {
    try {
      client.send(request);
    } catch (const Client::Failure& failure) {
      return failure.what();
    }
    return "";
  }

  std::unique_ptr<TestServer> server;
  Client client;
};

TEST_F(HttpClient, ReturnsStatusHeadersAndBody) {
  const auto response = client.send(request("POST", "/json", R"({"a":1})"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"a":1})");
  ASSERT_NE(response.find_header("content-type"), nullptr);
  EXPECT_EQ(*response.find_header("content-type"), "application/json");
  EXPECT_EQ(response.find_header("x-nothing"), nullptr);
}

TEST_F(HttpClient, SendsTheHeadersOfTheRequest) {
  auto signed_request = request("POST", "/signature", "{}");
  signed_request.headers.emplace_back("X-Signature: abc");
  EXPECT_EQ(client.send(signed_request).body, "abc");
  EXPECT_EQ(client.send(request("POST", "/signature", "{}")).body, "none");
}

TEST_F(HttpClient, ReturnsARefusalAsAResponse) {
  EXPECT_EQ(client.send(request("GET", "/nothing")).status, 404);
  EXPECT_EQ(client.send(request("GET", "/fails")).status, 500);
}

TEST_F(HttpClient, ReceivesNoBodyToHead) {
  const auto response = client.send(request("HEAD", "/hello"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(client.send(request("GET", "/hello")).body, "hello");
}

TEST_F(HttpClient, FollowsNoRedirect) {
  const auto response = client.send(request("GET", "/redirect"));
  EXPECT_EQ(response.status, 302);
  EXPECT_EQ(response.body, "elsewhere");
  EXPECT_EQ(*response.find_header("location"), "/hello");
  EXPECT_EQ(server->handled, 0);
}

TEST_F(HttpClient, UsesOneConnectionForManyRequests) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.send(request("GET", "/hello")).body, "hello");
  EXPECT_EQ(server->listener->connections(), 1U);
}

TEST_F(HttpClient, OpensAgainAConnectionThatTheServerHasClosed) {
  Limits limits;
  limits.idle_timeout = 100ms;
  server = std::make_unique<TestServer>(limits);
  EXPECT_EQ(client.send(request("GET", "/hello")).body, "hello");
  ASSERT_TRUE(eventually([&] { return server->listener->connections() == 0; }));
  EXPECT_EQ(client.send(request("GET", "/hello")).body, "hello");
}

TEST_F(HttpClient, GivesUpAResponseThatDoesNotComeInTime) {
  ClientLimits limits;
  limits.response_timeout = 100ms;
  Client hasty{limits};
  EXPECT_THAT(failure_of(hasty, request("GET", "/gate")), HasSubstr("timed out"));
}

TEST_F(HttpClient, SendsAnUploadAsItIsRead) {
  for (const std::size_t size : {0UL, 1UL, 10'000UL, 500'000UL}) {
    std::string body(size, '\0');
    for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>('a' + i % 23);
    const auto response = client.send(upload(body));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, body);
  }
}

TEST_F(HttpClient, ReadsAnUploadAgainForAConnectionThatTheServerHasClosed) {
  Limits limits;
  limits.idle_timeout = 100ms;
  server = std::make_unique<TestServer>(limits, routes());
  const std::string body(300'000, 'x');
  EXPECT_EQ(client.send(upload(body)).body, body);
  ASSERT_TRUE(eventually([&] { return server->listener->connections() == 0; }));
  EXPECT_EQ(client.send(upload(body)).body, body);
}

TEST_F(HttpClient, AnUploadThatCannotBeReadIsThrownToTheCaller) {
  auto put = request("PUT", "/echo");
  put.upload = ClientUpload{10, [](std::uint64_t, char*, std::size_t) -> std::size_t {
                              throw std::out_of_range{"the disk"};
                            }};
  EXPECT_THROW(client.send(put), std::out_of_range);
  put.upload->read = [](std::uint64_t, char*, std::size_t) { return std::size_t{0}; };
  EXPECT_NE(failure_of(client, put), "");
  EXPECT_EQ(client.send(request("GET", "/hello")).body, "hello");
}

TEST_F(HttpClient, ARequestMayHaveATimeOfItsOwn) {
  auto hasty = request("GET", "/gate");
  hasty.response_timeout = 100ms;
  EXPECT_THAT(failure_of(client, hasty), HasSubstr("timed out"));
}

TEST_F(HttpClient, AnExchangeThatIsCancelledEnds) {
  std::atomic<bool> cancelled = false;
  ClientLimits limits;
  limits.response_timeout = 60s;
  limits.cancelled = &cancelled;
  Client patient{limits};
  std::thread cancelling{[&] {
    server->gate.wait_until_reached(1);
    cancelled = true;
  }};
  EXPECT_THAT(failure_of(patient, request("GET", "/gate")), HasSubstr("aborted"));
  cancelling.join();
}

TEST_F(HttpClient, GivesUpABodyBeyondTheLimit) {
  ClientLimits limits;
  limits.body_bytes_max = 5;
  Client narrow{limits};
  EXPECT_EQ(narrow.send(request("GET", "/hello")).body, "hello");
  EXPECT_THAT(failure_of(narrow, request("GET", "/big")), HasSubstr("body of the response"));
  EXPECT_EQ(narrow.send(request("GET", "/hello")).body, "hello");
}

TEST_F(HttpClient, GivesUpAHeadBeyondTheLimit) {
  EXPECT_EQ(client.send(request("GET", "/headers")).status, 200);
  ClientLimits limits;
  limits.header_bytes_max = 16 * 1024;
  Client narrow{limits};
  EXPECT_THAT(failure_of(narrow, request("GET", "/headers")), HasSubstr("head of the response"));
}

TEST_F(HttpClient, FailsWhereNoServerListens) {
  const auto nowhere = request("GET", "/hello");
  server.reset();
  EXPECT_NE(failure_of(client, nowhere), "");
}

TEST_F(HttpClient, SpeaksHttpOnly) {
  for (const auto* other : {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/"}) {
    EXPECT_NE(failure_of(client, {"GET", other, {}, ""}), "") << other;
  }
}

TEST_F(HttpClient, HasNeitherHeadersNorBodyInAFailure) {
  auto secret = request("POST", "/hello", "the secret body");
  secret.headers.emplace_back("Authorization: Bearer the-secret-token");
  server.reset();
  const auto failure = failure_of(client, secret);
  EXPECT_NE(failure, "");
  EXPECT_THAT(failure, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace fechatter::http
