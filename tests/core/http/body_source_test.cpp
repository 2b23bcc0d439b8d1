#include "fechatter_core/http/body_source.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "fechatter_core/http/source_writer.hpp"
#include "tests/core/http/test_server.hpp"

// Responses whose body is a source, over real sockets.
namespace fechatter::http {
namespace {

using namespace std::chrono_literals;

char byte_at(std::uint64_t offset) {
  return static_cast<char>('a' + offset * offset % 23);
}

std::string text_of(std::uint64_t offset, std::uint64_t size) {
  std::string text;
  for (auto i = offset; i < offset + size; ++i) text += byte_at(i);
  return text;
}

// A body of computed bytes, which counts how it is read and can fail.
class ComputedSource : public BodySource {
 public:
  struct Counters {
    std::atomic<std::uint64_t> bytes = 0;
    std::atomic<std::size_t> largest = 0;
    std::atomic<int> open = 0;
  };
  struct Shape {
    std::uint64_t size = 0;
    bool size_known = true;
    std::uint64_t fails_at = ~0ULL;
    std::uint64_t ends_at = ~0ULL;
    std::size_t piece_max = ~0ULL;
  };

  ComputedSource(const Shape& shape, Counters& counters) : shape_{shape}, counters_{counters} {
    ++counters_.open;
  }
  ~ComputedSource() override { --counters_.open; }

  std::optional<std::uint64_t> size() const override {
    return shape_.size_known ? std::optional{shape_.size} : std::nullopt;
  }
  awaitable<std::size_t> read(std::uint64_t offset, char* to, std::size_t count) override {
    const auto executor = co_await asio::this_coro::executor;
    const asio::use_awaitable_t<Executor> token;
    co_await asio::post(executor, token);
    if (offset >= shape_.fails_at) throw std::runtime_error{"secret: the disk is gone"};
    counters_.largest = std::max(counters_.largest.load(), count);
    const auto end = std::min(shape_.size, shape_.ends_at);
    const auto left = offset < end ? end - offset : 0;
    const auto size = std::min(
        {static_cast<std::uint64_t>(count), left, static_cast<std::uint64_t>(shape_.piece_max)});
    for (std::uint64_t i = 0; i < size; ++i) to[i] = byte_at(offset + i);
    counters_.bytes += size;
    co_return static_cast<std::size_t>(size);
  }

 private:
  const Shape shape_;
  Counters& counters_;
};

class SourceResponse : public testing::Test {
 protected:
  using Shape = ComputedSource::Shape;

  void serve(const Shape& shape, const Limits& limits = {}) {
    const auto download = [this, shape](const Request&) -> awaitable<Response> {
      Response response;
      response.content_type = "application/octet-stream";
      response.with_header("ETag", "\"v1\"");
      response.source = std::make_unique<ComputedSource>(shape, counters);
      co_return response;
    };
    server = std::make_unique<TestServer>(
        limits, std::vector<Route>{{Method::get, "/download", Access::anyone, download}});
  }
  RawAnswer ask(const std::string& fields, const std::string& method = "GET") const {
    RawClient client{server->port()};
    client.send(method + " /download HTTP/1.1\r\nHost: test\r\n" + fields + "\r\n");
    return client.read_answer(method != "HEAD");
  }

  ComputedSource::Counters counters;
  std::unique_ptr<TestServer> server;
};

TEST_F(SourceResponse, OfKnownSizeHasALength) {
  serve({.size = 3 * mebibyte + 5});
  RawClient client{server->port()};
  for (int i = 0; i < 2; ++i) {
    const auto answer = client.ask(get("/download"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("content-length"), "3145733");
    EXPECT_EQ(answer.header("content-type"), "application/octet-stream");
    EXPECT_EQ(answer.header("accept-ranges"), "bytes");
    EXPECT_EQ(answer.body, text_of(0, 3 * mebibyte + 5));
  }
  EXPECT_EQ(client.ask(get("/hello")).body, "hello");
  EXPECT_EQ(counters.largest, SourceWriter::piece_bytes_max);
  EXPECT_EQ(counters.open, 0);
}

TEST_F(SourceResponse, OfUnknownSizeIsSentInChunks) {
  serve({.size = mebibyte + 5, .size_known = false});
  RawClient client{server->port()};
  for (int i = 0; i < 2; ++i) {
    const auto answer = client.ask(get("/download"));
    EXPECT_EQ(answer.header("transfer-encoding"), "chunked");
    EXPECT_EQ(answer.header("content-length"), std::nullopt);
    EXPECT_EQ(answer.header("accept-ranges"), std::nullopt);
    EXPECT_EQ(answer.body, text_of(0, mebibyte + 5));
  }
  EXPECT_EQ(client.ask(get("/hello")).body, "hello");
}

TEST_F(SourceResponse, OfUnknownSizeEndsWithTheConnectionInHttp10) {
  serve({.size = 200'000, .size_known = false});
  RawClient client{server->port()};
  client.send("GET /download HTTP/1.0\r\n\r\n");
  const auto answer = client.read_answer();
  EXPECT_EQ(answer.header("transfer-encoding"), std::nullopt);
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_EQ(client.read_until_closed(), text_of(0, 200'000));
}

TEST_F(SourceResponse, MayBeEmpty) {
  serve({.size = 0});
  EXPECT_EQ(ask("").header("content-length"), "0");
  serve({.size = 0, .size_known = false});
  EXPECT_EQ(ask("").body, "");
}

TEST_F(SourceResponse, IsWholeWhenTheSourceHasShortPieces) {
  serve({.size = 10'000, .piece_max = 999});
  EXPECT_EQ(ask("").body, text_of(0, 10'000));
  serve({.size = 10'000, .size_known = false, .piece_max = 999});
  EXPECT_EQ(ask("").body, text_of(0, 10'000));
}

TEST_F(SourceResponse, ToHeadHasNoBodyAndReadsNone) {
  serve({.size = 5 * mebibyte});
  EXPECT_EQ(ask("", "HEAD").header("content-length"), "5242880");
  EXPECT_EQ(ask("Range: bytes=0-1\r\n", "HEAD").status, 200);
  serve({.size = 5 * mebibyte, .size_known = false});
  EXPECT_EQ(ask("", "HEAD").header("transfer-encoding"), "chunked");
  EXPECT_EQ(counters.bytes, 0U);
}

TEST_F(SourceResponse, ServesARangeOfBytes) {
  serve({.size = 300'000});
  const auto middle = ask("Range: bytes=100000-249999\r\n");
  EXPECT_EQ(middle.status, 206);
  EXPECT_EQ(middle.header("content-range"), "bytes 100000-249999/300000");
  EXPECT_EQ(middle.header("content-length"), "150000");
  EXPECT_EQ(middle.body, text_of(100'000, 150'000));
  EXPECT_EQ(counters.bytes, 150'000U);
  EXPECT_EQ(ask("Range: bytes=-3\r\n").body, text_of(299'997, 3));
  EXPECT_EQ(ask("Range: bytes=299999-\r\n").body, text_of(299'999, 1));
}

TEST_F(SourceResponse, RefusesARangeBehindItsEnd) {
  serve({.size = 10});
  RawClient client{server->port()};
  const auto refusal =
      client.ask("GET /download HTTP/1.1\r\nHost: test\r\nRange: bytes=10-\r\n\r\n");
  EXPECT_EQ(refusal.status, 416);
  EXPECT_EQ(refusal.header("content-range"), "bytes */10");
  EXPECT_EQ(refusal.header("content-type"), "application/problem+json");
  EXPECT_EQ(refusal.json().at("code"), "request.range_not_satisfiable");
  EXPECT_EQ(refusal.json().at("request_id"), refusal.header("x-request-id"));
  EXPECT_EQ(client.ask(get("/hello")).body, "hello");
}

TEST_F(SourceResponse, IsWholeForSeveralRangesAndForMalformedOnes) {
  serve({.size = 10});
  for (const auto* range : {"bytes=0-1,3-4", "bytes=5-2", "items=0-1"}) {
    const auto answer = ask("Range: " + std::string{range} + "\r\n");
    EXPECT_EQ(answer.status, 200) << range;
    EXPECT_EQ(answer.body.size(), 10U);
  }
}

TEST_F(SourceResponse, OfUnknownSizeHasNoRanges) {
  serve({.size = 10, .size_known = false});
  EXPECT_EQ(ask("Range: bytes=0-1\r\n").status, 200);
}

TEST_F(SourceResponse, ServesARangeOnlyIfTheTagIsThatOfTheBody) {
  serve({.size = 10});
  EXPECT_EQ(ask("Range: bytes=0-1\r\nIf-Range: \"v1\"\r\n").status, 206);
  for (const auto* tag : {"\"v0\"", "W/\"v1\"", "v1", "Sat, 28 Nov 2026 10:00:00 GMT"}) {
    EXPECT_EQ(ask("Range: bytes=0-1\r\nIf-Range: " + std::string{tag} + "\r\n").status, 200) << tag;
  }
}

TEST_F(SourceResponse, IsAProblemWhenTheSourceFailsBeforeItsFirstByte) {
  const LogCapture log;
  serve({.size = 10, .fails_at = 0});
  RawClient client{server->port()};
  const auto answer = client.ask(get("/download"));
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.json().at("code"), "server.internal");
  EXPECT_THAT(answer.body, testing::Not(testing::HasSubstr("secret")));
  EXPECT_THAT(log.text(), testing::HasSubstr("GET /download: secret: the disk is gone"));
  EXPECT_EQ(client.ask(get("/hello")).body, "hello");
}

TEST_F(SourceResponse, IsCutShortWhenTheSourceFailsMidway) {
  const LogCapture log;
  serve({.size = mebibyte, .fails_at = 500'000});
  RawClient client{server->port()};
  client.send(get("/download") + get("/hello"));
  EXPECT_EQ(client.read_answer(false).header("content-length"), "1048576");
  EXPECT_LT(client.read_until_closed().size(), mebibyte);
  EXPECT_TRUE(eventually([&] { return server->listener->connections() == 0; }));
  EXPECT_THAT(log.text(), testing::HasSubstr("the source of a response failed: secret"));
  EXPECT_EQ(counters.open, 0);
}

TEST_F(SourceResponse, InChunksHasNoLastOneWhenTheSourceFailsMidway) {
  serve({.size = mebibyte, .size_known = false, .fails_at = 500'000});
  RawClient client{server->port()};
  client.send(get("/download"));
  EXPECT_THAT(client.read_until_closed(), testing::Not(testing::EndsWith("0\r\n\r\n")));
}

TEST_F(SourceResponse, IsCutShortWhenTheSourceEndsBeforeItsSize) {
  serve({.size = mebibyte, .ends_at = 500'000});
  RawClient client{server->port()};
  client.send(get("/download"));
  client.read_answer(false);
  EXPECT_EQ(client.read_until_closed().size(), 500'000U);
}

TEST_F(SourceResponse, IsReadOnlyAsFarAsTheClientReads) {
  Limits limits;
  limits.write_timeout = 200ms;
  serve({.size = 256 * mebibyte}, limits);
  RawClient mallory;
  mallory.receive_little();
  mallory.connect(server->port());
  mallory.send(get("/download"));
  ASSERT_TRUE(mallory.is_readable(10s));
  EXPECT_TRUE(eventually([&] { return server->listener->connections() == 0; }));
  EXPECT_GT(counters.bytes, 0U);
  EXPECT_LT(counters.bytes, 32 * mebibyte);
  EXPECT_EQ(counters.open, 0);
}

TEST_F(SourceResponse, LeavesTheSourceWhenTheClientHasGone) {
  serve({.size = 256 * mebibyte});
  RawClient bob{server->port()};
  bob.send(get("/download"));
  bob.read_answer(false);
  bob.reset();
  EXPECT_TRUE(eventually([&] { return server->listener->connections() == 0; }));
  EXPECT_LT(counters.bytes, 256 * mebibyte);
  EXPECT_EQ(counters.open, 0);
}

}  // namespace
}  // namespace fechatter::http
