#include <boost/asio/write.hpp>
#include <optional>

#include "tests/core/http/test_server.hpp"

namespace fechatter::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

class SessionTest : public testing::Test {
 protected:
  static std::string request(const std::string& line, const std::string& headers) {
    return line + "\r\nHost: test\r\n" + headers + "\r\n";
  }
  static awaitable<Response> odd_headers(const Request&) {
    Response response = text_response(200, "odd");
    response.with_header("X-Good", "1")
        .with_header("X-Split", "a\r\nX-Forged: 1")
        .with_header("Bad Name", "1")
        .with_header("Content-Length", "7")
        .with_header("Cache-Control", "private")
        .with_header("content-security-policy", "sandbox");
    co_return response;
  }

  TestServer server{{}, {{Method::get, "/odd", Access::anyone, odd_headers}}};
  RawClient alice{server.port()};
};

TEST_F(SessionTest, GivesEveryAnswerItsHeaders) {
  const auto answer = alice.ask(get("/hello"));
  EXPECT_EQ(answer.header("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(answer.header("content-length"), "5");
  EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(answer.header("referrer-policy"), "no-referrer");
  EXPECT_EQ(answer.header("cross-origin-resource-policy"), "same-origin");
  EXPECT_EQ(answer.header("cache-control"), "no-store");
  EXPECT_EQ(answer.header("content-security-policy"),
            "default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
  EXPECT_THAT(answer.header("date").value_or(""),
              MatchesRegex("[A-Z][a-z][a-z], [0-9]+ [A-Z][a-z][a-z] [0-9]+ [0-9:]+ GMT"));
  EXPECT_EQ(answer.header("connection"), std::nullopt);
}

TEST_F(SessionTest, WritesTheHandlersHeadersButNoneThatBreaksTheFraming) {
  const auto answer = alice.ask(get("/odd"));
  EXPECT_EQ(answer.header("x-good"), "1");
  EXPECT_EQ(answer.header("x-split"), std::nullopt);
  EXPECT_EQ(answer.header("x-forged"), std::nullopt);
  EXPECT_EQ(answer.header("bad name"), std::nullopt);
  EXPECT_EQ(answer.header("content-length"), "3");
  EXPECT_EQ(answer.header("cache-control"), "private");
  EXPECT_EQ(answer.header("content-security-policy"), "sandbox");
  EXPECT_EQ(alice.ask(get("/hello")).body, "hello");
}

TEST_F(SessionTest, EchoesASaneRequestId) {
  for (const auto& id : {std::string{"a"}, std::string{"A-b_c.9"}, std::string(64, 'x')}) {
    const auto answer = alice.ask(request("GET /hello HTTP/1.1", "X-Request-Id: " + id + "\r\n"));
    EXPECT_EQ(answer.header("x-request-id"), id);
  }
}

TEST_F(SessionTest, ReplacesARequestIdThatIsNotSane) {
  for (const auto& id :
       {std::string{}, std::string{"a b"}, std::string{"<x>"}, std::string(65, 'x')}) {
    const auto answer = alice.ask(request("GET /hello HTTP/1.1", "X-Request-Id: " + id + "\r\n"));
    EXPECT_THAT(answer.header("x-request-id").value_or(""), MatchesRegex("[0-9a-f]{16}"));
  }
}

TEST_F(SessionTest, GivesEachRequestAnIdOfItsOwn) {
  const auto first = alice.ask(get("/hello")).header("x-request-id");
  EXPECT_NE(alice.ask(get("/hello")).header("x-request-id"), first);
}

TEST_F(SessionTest, ServesManyRequestsOnOneConnection) {
  for (int i = 1; i <= 50; ++i)
    EXPECT_EQ(alice.ask(post("/echo", std::to_string(i))).body, std::to_string(i));
  EXPECT_EQ(server.listener->connections(), 1U);
}

TEST_F(SessionTest, ServesPipelinedRequestsInTheirOrder) {
  std::string all;
  for (int i = 1; i <= 50; ++i)
    all += post("/echo", std::to_string(i)) + get("/chat/" + std::to_string(i));
  alice.send(all);
  for (int i = 1; i <= 50; ++i) {
    EXPECT_EQ(alice.read_answer().body, std::to_string(i));
    EXPECT_EQ(alice.read_answer().body, std::to_string(i));
  }
}

TEST_F(SessionTest, ParsesARequestInPiecesOfAnySize) {
  for (const char byte : "\r\n" + post("/echo", "piece by piece")) alice.send({&byte, 1});
  EXPECT_EQ(alice.read_answer().body, "piece by piece");
}

TEST_F(SessionTest, AnswersHeadLikeGetWithoutTheBody) {
  alice.send(request("HEAD /hello HTTP/1.1", "") + get("/hello"));
  const auto head = alice.read_answer(false);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), "5");
  EXPECT_EQ(alice.read_answer().body, "hello");
}

TEST_F(SessionTest, ClosesWhenTheClientAsksForIt) {
  const auto answer = alice.ask(request("GET /hello HTTP/1.1", "Connection: x, Close\r\n"));
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_EQ(alice.read_until_closed(), "");
}

TEST_F(SessionTest, ClosesAfterAnHttp10Request) {
  const auto answer = alice.ask("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_EQ(alice.read_until_closed(), "");
}

TEST_F(SessionTest, LeavesWhatIsPipelinedBehindACloseUnserved) {
  alice.send(request("GET /hello HTTP/1.1", "Connection: close\r\n") + get("/hidden"));
  EXPECT_EQ(alice.read_answer().body, "hello");
  EXPECT_EQ(alice.read_until_closed(), "");
  EXPECT_EQ(server.hidden, 0);
}

TEST_F(SessionTest, ReadsChunkedBodies) {
  const auto answer =
      alice.ask(request("POST /echo HTTP/1.1", "Transfer-Encoding: chunked\r\n") +
                "5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nX-Trailer: 1\r\n\r\n" + get("/hello"));
  EXPECT_EQ(answer.body, "hello!");
  EXPECT_EQ(alice.read_answer().body, "hello");
}

TEST_F(SessionTest, RefusesMalformedChunksAndCloses) {
  const auto answer = alice.ask(request("POST /echo HTTP/1.1", "Transfer-Encoding: chunked\r\n") +
                                "5\r\nhello!\r\n0\r\n\r\n" + get("/hidden"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(alice.read_until_closed(), "");
  EXPECT_EQ(server.handled + server.hidden, 0);
}

TEST_F(SessionTest, ReadsBodiesOfManyPieces) {
  const std::string text(900'000, 'x');
  EXPECT_EQ(alice.ask(post("/echo", text)).body, text);
}

TEST_F(SessionTest, SendsAnswersLargerThanTheSocketsBuffer) {
  EXPECT_EQ(alice.ask(get("/big")).body.size(), 64U * 1024 * 1024);
}

TEST_F(SessionTest, SendsContinueWhenTheClientWaitsForIt) {
  const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  alice.send(request("POST /echo HTTP/1.1", "Expect: 100-Continue\r\nContent-Length: 2\r\n"));
  EXPECT_EQ(alice.read_bytes(go_on.size()), go_on);
  EXPECT_EQ(alice.ask("hi").body, "hi");
}

TEST_F(SessionTest, SendsNoContinueToAClientThatHasBegunToSendTheBody) {
  alice.send(request("POST /echo HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 2\r\n") +
             "hi");
  EXPECT_EQ(alice.read_answer().status, 200);
}

TEST_F(SessionTest, SendsNoContinueForABodyBeyondTheLimit) {
  alice.send(request("POST /echo HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 9999999\r\n"));
  EXPECT_EQ(alice.read_answer().status, 413);
}

TEST_F(SessionTest, SurvivesClientsThatLeaveInTheMiddle) {
  for (const auto& part :
       {get("/hello").substr(0, 20), post("/echo", "hello").substr(0, 100), get("/big")}) {
    RawClient bob{server.port()};
    bob.send(part);
    bob.reset();
  }
  EXPECT_EQ(alice.ask(get("/hello")).body, "hello");
  EXPECT_TRUE(eventually([&] { return server.listener->connections() == 1; }));
}

TEST_F(SessionTest, RemovesAClientThatLeavesWhileItsRequestIsServed) {
  {
    RawClient bob{server.port()};
    bob.send(get("/gate"));
    server.gate.wait_until_reached(1);
    bob.reset();
  }
  server.gate.open();
  EXPECT_EQ(alice.ask(get("/hello")).body, "hello");
  EXPECT_TRUE(eventually([&] { return server.listener->connections() == 1; }));
}

// Moves a socket from the server's thread to the test's and stores nothing of it: even an empty
// socket must not outlive its io_context.
class Handover {
 public:
  void give(Socket socket) {
    const std::lock_guard lock{mutex_};
    socket_.emplace(std::move(socket));
    given_.notify_all();
  }
  Socket receive() {
    std::unique_lock lock{mutex_};
    given_.wait_for(lock, std::chrono::seconds{10}, [&] { return socket_.has_value(); });
    Socket socket = std::move(socket_.value());
    socket_.reset();
    return socket;
  }

 private:
  std::mutex mutex_;
  std::condition_variable given_;
  std::optional<Socket> socket_;
};

class TakeOver : public testing::Test {
 protected:
  awaitable<Response> hand_over(const Request&) {
    Response response = text_response(200, "never sent");
    response.take_over = [this](Socket socket, std::string head) {
      handed_head = std::move(head);
      handover.give(std::move(socket));
    };
    co_return response;
  }

  Handover handover;
  std::string handed_head;
  TestServer server{
      {},
      {{Method::get, "/take", Access::anyone, [this](const Request& r) { return hand_over(r); }}}};
};

TEST_F(TakeOver, HandsTheSocketOverWithNothingWritten) {
  RawClient alice{server.port()};
  alice.send(get("/take"));
  {
    auto socket = handover.receive();
    asio::write(socket, asio::buffer(std::string{"raw bytes"}));
  }
  EXPECT_EQ(alice.read_until_closed(), "raw bytes");
}

TEST_F(TakeOver, HandsOverTheHeadOfTheResponse) {
  RawClient alice{server.port()};
  alice.send("GET /take HTTP/1.1\r\nHost: test\r\nX-Request-Id: abc\r\n\r\n");
  { auto socket = handover.receive(); }
  EXPECT_THAT(handed_head, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(handed_head, EndsWith("\r\nConnection: close\r\n\r\n"));
  EXPECT_THAT(handed_head, HasSubstr("\r\nX-Request-Id: abc\r\n"));
  EXPECT_THAT(handed_head, HasSubstr("\r\nX-Content-Type-Options: nosniff\r\n"));
  EXPECT_THAT(handed_head, Not(HasSubstr("Content-Length")));
}

TEST_F(TakeOver, CountsTheConnectionNoLonger) {
  RawClient alice{server.port()};
  alice.send(get("/take"));
  const auto socket = handover.receive();
  EXPECT_EQ(server.listener->connections(), 0U);
  EXPECT_EQ(server.listener->drain(std::chrono::seconds{10}), 0U);
  EXPECT_TRUE(socket.is_open());
}

}  // namespace
}  // namespace fechatter::http
