#include "fechatter_core/http/body_reader.hpp"

#include <algorithm>
#include <cstdio>

#include "tests/core/http/test_server.hpp"

// Streamed bodies, over real sockets. The handler of /upload answers "<bytes> <checksum>".
namespace fechatter::http {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t upload_max = 64 * mebibyte;

std::string text_of(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * i % 23);
  return text;
}

// Order and value of every byte count.
class Checksum {
 public:
  void add(std::string_view bytes) {
    for (const char byte : bytes) sum_ = sum_ * 31 + static_cast<unsigned char>(byte);
    size_ += bytes.size();
  }
  std::string text() const { return std::to_string(size_) + " " + std::to_string(sum_); }

 private:
  std::uint64_t sum_ = 7;
  std::size_t size_ = 0;
};

std::string checksum_of(std::string_view bytes) {
  Checksum sum;
  sum.add(bytes);
  return sum.text();
}

std::string upload(const std::string& path, std::size_t size, const std::string& fields = "") {
  return "POST " + path + " HTTP/1.1\r\nHost: test\r\n" + fields +
         "Content-Length: " + std::to_string(size) + "\r\n\r\n";
}

std::string chunked_upload(const std::string& path) {
  return "POST " + path + " HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";
}

std::string chunks_of(std::string_view body, std::size_t size) {
  std::string text;
  while (!body.empty()) {
    const auto chunk = body.substr(0, size);
    char digits[16];
    std::snprintf(digits, sizeof digits, "%zx\r\n", chunk.size());
    text.append(digits).append(chunk).append("\r\n");
    body.remove_prefix(chunk.size());
  }
  return text + "0\r\n\r\n";
}

class StreamedBody : public testing::Test {
 protected:
  awaitable<Response> read_all(const Request& request) {
    EXPECT_TRUE(request.body.empty());
    Checksum sum;
    for (;;) {
      const auto piece = co_await request.body_reader().read();
      if (piece.empty()) break;
      largest_piece = std::max(largest_piece.load(), piece.size());
      sum.add(piece);
    }
    EXPECT_TRUE(request.body_reader().at_end());
    co_return text_response(200, sum.text());
  }
  awaitable<Response> upload_handler(const Request& request) {
    std::exception_ptr failure;
    Response response;
    try {
      auto reading = read_all(request);
      response = co_await std::move(reading);
    } catch (...) {
      failure = std::current_exception();
    }
    if (!failure) co_return response;
    ++failed;
    std::rethrow_exception(failure);
  }
  // Reads one piece, then no more until the gate opens.
  awaitable<Response> slow_handler(const Request& request) {
    co_await request.body_reader().read();
    co_await server->gate.pass();
    auto reading = upload_handler(request);
    co_return co_await std::move(reading);
  }
  // Reads nothing until the gate opens.
  awaitable<Response> late_handler(const Request& request) {
    co_await server->gate.pass();
    auto reading = upload_handler(request);
    co_return co_await std::move(reading);
  }
  std::vector<Route> routes() {
    const auto all = [this](const Request& r) { return upload_handler(r); };
    const auto slow = [this](const Request& r) { return slow_handler(r); };
    const auto late = [this](const Request& r) { return late_handler(r); };
    const auto none = [](const Request&) -> awaitable<Response> {
      co_return text_response(200, "not read");
    };
    const auto body = streamed_body(upload_max);
    return {{Method::post, "/upload", Access::anyone, all, Rate::by_access, body},
            {Method::post, "/slow", Access::anyone, slow, Rate::by_access, body},
            {Method::post, "/late", Access::anyone, late, Rate::by_access, body},
            {Method::post, "/unread", Access::anyone, none, Rate::by_access, body}};
  }
  void serve(const Limits& limits = {}) { server = std::make_unique<TestServer>(limits, routes()); }

  std::atomic<std::size_t> largest_piece = 0;
  std::atomic<int> failed = 0;
  std::unique_ptr<TestServer> server;
};

TEST_F(StreamedBody, ASizedBodyReachesTheHandlerInPieces) {
  serve();
  const auto text = text_of(20 * mebibyte + 1);
  RawClient client{server->port()};
  client.send(upload("/upload", text.size()) + text + get("/hello"));
  EXPECT_EQ(client.read_answer().body, checksum_of(text));
  EXPECT_EQ(client.read_answer().body, "hello");
  EXPECT_LE(largest_piece, BodyReader::piece_bytes_max);
}

TEST_F(StreamedBody, AChunkedBodyReachesTheHandlerInPieces) {
  serve();
  const auto text = text_of(5 * mebibyte + 1);
  for (const std::size_t size : {7'777, 1'000'000}) {
    RawClient client{server->port()};
    client.send(chunked_upload("/upload") + chunks_of(text, size) + get("/hello"));
    EXPECT_EQ(client.read_answer().body, checksum_of(text));
    EXPECT_EQ(client.read_answer().body, "hello");
  }
  EXPECT_LE(largest_piece, 2 * BodyReader::piece_bytes_max);
}

TEST_F(StreamedBody, AnEmptyBodyIsAtItsEndAtOnce) {
  serve();
  RawClient client{server->port()};
  EXPECT_EQ(client.ask(upload("/upload", 0)).body, checksum_of(""));
  EXPECT_EQ(client.ask(chunked_upload("/upload") + "0\r\n\r\n").body, checksum_of(""));
}

TEST_F(StreamedBody, AHandlerThatDoesNotReadStopsTheClient) {
  serve();
  const auto text = text_of(upload_max);
  RawClient client{server->port()};
  client.send(upload("/slow", text.size()));
  client.send(text.substr(0, 1));
  server->gate.wait_until_reached(1);
  const auto sent = 1 + client.send_until_blocked(std::string_view{text}.substr(1));
  EXPECT_LT(sent, text.size() / 2);
  server->gate.open();
  client.send(std::string_view{text}.substr(sent));
  EXPECT_EQ(client.read_answer().body, checksum_of(std::string_view{text}.substr(1)));
}

TEST_F(StreamedBody, ASizedBodyBeyondTheLimitIsRefusedBeforeTheHandlerRuns) {
  serve();
  RawClient client{server->port()};
  EXPECT_EQ(client.ask(upload("/upload", upload_max + 1)).status, 413);
  EXPECT_EQ(failed, 0);
}

TEST_F(StreamedBody, AChunkedBodyBeyondTheLimitFailsInTheHandler) {
  serve();
  RawClient client{server->port()};
  const auto refusal = client.ask(chunked_upload("/upload") + "5\r\nhello\r\n4000000\r\n");
  EXPECT_EQ(refusal.status, 413);
  EXPECT_EQ(refusal.header("connection"), "close");
  EXPECT_EQ(failed, 1);
}

TEST_F(StreamedBody, MalformedChunksFailInTheHandlerAndEndTheConnection) {
  serve();
  RawClient client{server->port()};
  client.send(chunked_upload("/upload") + "5\r\nhello!\r\n0\r\n\r\n" + get("/hidden"));
  EXPECT_EQ(client.read_answer().status, 400);
  EXPECT_EQ(client.read_until_closed(), "");
  EXPECT_EQ(failed, 1);
  EXPECT_EQ(server->hidden, 0);
}

TEST_F(StreamedBody, ABodyThatEndsTooEarlyFailsInTheHandler) {
  serve();
  RawClient client{server->port()};
  client.send(upload("/upload", 100) + "hello");
  client.end_sending();
  EXPECT_EQ(client.read_answer().status, 400);
  EXPECT_EQ(failed, 1);
}

TEST_F(StreamedBody, AClientThatResetsTheConnectionFailsInTheHandler) {
  serve();
  RawClient client{server->port()};
  client.send(upload("/slow", 100) + "hello");
  server->gate.wait_until_reached(1);
  client.reset();
  server->gate.open();
  EXPECT_TRUE(eventually([&] { return failed == 1; }));
  EXPECT_TRUE(eventually([&] { return server->listener->connections() == 0; }));
}

TEST_F(StreamedBody, APieceThatDoesNotComeIsATimeout) {
  Limits limits;
  limits.body_timeout = 100ms;
  serve(limits);
  RawClient client{server->port()};
  client.send(upload("/upload", 100) + "hello");
  EXPECT_EQ(client.read_answer().status, 408);
  EXPECT_EQ(failed, 1);
}

TEST_F(StreamedBody, ABodyThatDripsBelowTheMinimumRateIsATimeout) {
  Limits limits;
  limits.body_timeout = 100ms;
  limits.body_rate_min = mebibyte;
  serve(limits);
  RawClient client{server->port()};
  client.send(upload("/upload", mebibyte));
  while (!client.is_readable(1ms)) client.send("x");
  EXPECT_EQ(client.read_answer().status, 408);
}

TEST_F(StreamedBody, ABodyAboveTheMinimumRateTakesLongerThanTheTimeout) {
  Limits limits;
  limits.body_timeout = 1000ms;
  limits.body_rate_min = 1;
  serve(limits);
  RawClient client{server->port()};
  client.send(upload("/upload", upload_max));
  const auto begun = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() < begun + 1500ms) {
    ASSERT_TRUE(client.send("x"));
    ASSERT_FALSE(client.is_readable(5ms));
  }
  EXPECT_EQ(failed, 0);
}

TEST_F(StreamedBody, TheTimeOfTheHandlerDoesNotCount) {
  Limits limits;
  limits.body_timeout = 200ms;
  serve(limits);
  RawClient client{server->port()};
  client.send(upload("/slow", 2) + "a");
  server->gate.wait_until_reached(1);
  EXPECT_FALSE(client.is_readable(400ms));
  client.send("b");
  server->gate.open();
  EXPECT_EQ(client.read_answer().body, checksum_of("b"));
}

TEST_F(StreamedBody, ContinueIsSentWhenTheHandlerReads) {
  serve();
  RawClient client{server->port()};
  client.send(upload("/late", 2, "Expect: 100-continue\r\n"));
  server->gate.wait_until_reached(1);
  EXPECT_FALSE(client.is_readable(100ms));
  server->gate.open();
  EXPECT_EQ(client.read_answer().status, 100);
  EXPECT_EQ(client.ask("hi").body, checksum_of("hi"));
}

TEST_F(StreamedBody, AHandlerThatReadsNothingAnswersAtOnceAndASmallRestIsDiscarded) {
  serve();
  RawClient client{server->port()};
  EXPECT_EQ(client.ask(upload("/unread", 1000)).body, "not read");
  client.send(std::string(1000, 'x'));
  EXPECT_EQ(client.ask(get("/hello")).body, "hello");
}

TEST_F(StreamedBody, AHandlerThatReadsNothingEndsTheConnectionOfALargeBody) {
  serve();
  RawClient client{server->port()};
  client.send(upload("/unread", 10 * mebibyte) + std::string(10 * mebibyte, 'x'));
  const auto answer = client.read_answer();
  EXPECT_EQ(answer.body, "not read");
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_EQ(client.read_until_closed(), "");
}

TEST_F(StreamedBody, AClientThatWaitsForAContinueInVainIsDisconnected) {
  serve();
  RawClient client{server->port()};
  const auto answer = client.ask(upload("/unread", 2, "Expect: 100-continue\r\n"));
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_EQ(client.read_until_closed(), "");
}

}  // namespace
}  // namespace fechatter::http
