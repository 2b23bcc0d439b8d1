#include <sys/mman.h>
#include <unistd.h>

#include "fechatter_core/http/body_source.hpp"
#include "tests/core/http/test_server.hpp"

// Responses whose body is a file with a descriptor, which goes to the socket by sendfile.
namespace fechatter::http {
namespace {

using namespace std::chrono_literals;

// A file in memory of so many bytes: zeros, but for `text` at its end. Counts what is loaded.
class MemoryFile {
 public:
  MemoryFile(std::uint64_t size, const std::string& text) : file_{memfd_create("body", 0)} {
    const auto at = static_cast<off_t>(size - text.size());
    if (file_ < 0 || ftruncate(file_, static_cast<off_t>(size)) != 0 ||
        pwrite(file_, text.data(), text.size(), at) != static_cast<ssize_t>(text.size())) {
      throw std::runtime_error{"a file in memory cannot be made"};
    }
  }
  ~MemoryFile() { close(file_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  int descriptor() const { return file_; }

  std::atomic<std::uint64_t> loaded = 0;
  std::atomic<std::uint64_t> read = 0;

 private:
  const int file_;
};

// Says `size` of the file, whatever it has.
class MemoryFileSource : public BodySource {
 public:
  static constexpr std::uint64_t load_max = 1'000'000;

  MemoryFileSource(MemoryFile& file, std::uint64_t size) : file_{file}, size_{size} {}

  std::optional<std::uint64_t> size() const override { return size_; }
  int descriptor() const override { return file_.descriptor(); }
  awaitable<std::size_t> read(std::uint64_t offset, char* to, std::size_t count) override {
    const auto copied = pread(file_.descriptor(), to, count, static_cast<off_t>(offset));
    if (copied < 0) throw std::runtime_error{"pread"};
    file_.read += static_cast<std::uint64_t>(copied);
    co_return static_cast<std::size_t>(copied);
  }
  awaitable<std::uint64_t> load(std::uint64_t, std::uint64_t count) override {
    const auto some = std::min(count, load_max);
    file_.loaded += some;
    co_return some;
  }

 private:
  MemoryFile& file_;
  const std::uint64_t size_;
};

class FileResponse : public testing::Test {
 protected:
  static constexpr std::uint64_t large = 5 * mebibyte + 3;

  void serve(std::uint64_t size, std::uint64_t said_size, const Limits& limits = {}) {
    file = std::make_unique<MemoryFile>(size, "the end");
    const auto download = [this, said_size](const Request&) -> awaitable<Response> {
      Response response;
      response.content_type = "application/octet-stream";
      response.source = std::make_unique<MemoryFileSource>(*file, said_size);
      co_return response;
    };
    server = std::make_unique<TestServer>(
        limits, std::vector<Route>{{Method::get, "/download", Access::anyone, download}});
  }
  static std::string content(std::uint64_t size) { return std::string(size - 7, '\0') + "the end"; }

  std::unique_ptr<MemoryFile> file;
  std::unique_ptr<TestServer> server;
};

TEST_F(FileResponse, IsTheWholeFile) {
  serve(large, large);
  RawClient client{server->port()};
  for (int i = 0; i < 2; ++i) {
    const auto answer = client.ask(get("/download"));
    EXPECT_EQ(answer.header("content-length"), std::to_string(large));
    EXPECT_EQ(answer.body, content(large));
  }
  EXPECT_EQ(client.ask(get("/hello")).body, "hello");
  EXPECT_EQ(file->read + file->loaded, 2 * large);
  EXPECT_EQ(file->read, 2 * 64 * 1024U);  // the rest is not copied
}

TEST_F(FileResponse, OfASmallFileIsOnePiece) {
  serve(1000, 1000);
  RawClient client{server->port()};
  EXPECT_EQ(client.ask(get("/download")).body, content(1000));
  EXPECT_EQ(file->loaded, 0U);
}

TEST_F(FileResponse, ServesARangeOfBytes) {
  serve(large, large);
  RawClient client{server->port()};
  const auto head = "GET /download HTTP/1.1\r\nHost: test\r\nRange: bytes=";
  EXPECT_EQ(client.ask(head + std::string{"1000-\r\n\r\n"}).body, content(large).substr(1000));
  EXPECT_EQ(client.ask(head + std::string{"9-2000008\r\n\r\n"}).body, std::string(2'000'000, '\0'));
  EXPECT_EQ(client.ask(head + std::string{"-7\r\n\r\n"}).body, "the end");
}

TEST_F(FileResponse, IsCutShortWhenTheFileHasBecomeShorter) {
  const LogCapture log;
  serve(500'000, mebibyte);
  RawClient client{server->port()};
  client.send(get("/download"));
  client.read_answer(false);
  EXPECT_EQ(client.read_until_closed(), content(500'000));
  EXPECT_THAT(log.text(), testing::HasSubstr("the file of the response is too short"));
}

TEST_F(FileResponse, EndsWhenTheClientDoesNotRead) {
  Limits limits;
  limits.write_timeout = 200ms;
  serve(256 * mebibyte, 256 * mebibyte, limits);
  RawClient mallory;
  mallory.receive_little();
  mallory.connect(server->port());
  mallory.send(get("/download"));
  ASSERT_TRUE(mallory.is_readable(10s));
  EXPECT_TRUE(eventually([&] { return server->listener->connections() == 0; }));
  EXPECT_LT(file->loaded, 32 * mebibyte);
}

// A write to a broken connection is no signal, which would end the process.
TEST_F(FileResponse, EndsWhenTheClientHasGone) {
  serve(256 * mebibyte, 256 * mebibyte);
  for (int i = 0; i < 20; ++i) {
    RawClient bob{server->port()};
    bob.send(get("/download"));
    bob.read_answer(false);
    bob.reset();
  }
  EXPECT_TRUE(eventually([&] { return server->listener->connections() == 0; }));
  RawClient client{server->port()};
  EXPECT_EQ(client.ask(get("/hello")).body, "hello");
}

}  // namespace
}  // namespace fechatter::http
