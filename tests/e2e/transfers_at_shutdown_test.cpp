#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>

#include "tests/support/multipart.hpp"

// A server that is told to stop (SIGTERM) while files are on their way.
namespace fechatter::test {
namespace {

using testing::HasSubstr;
using Clock = std::chrono::steady_clock;

constexpr std::size_t upload_size = 2'000'000;
// More than the buffers of both ends of a connection hold together.
constexpr std::size_t download_size = 24'000'000;

class TransfersAtShutdown : public testing::Test {
 protected:
  explicit TransfersAtShutdown(const std::string& grace_ms = "10000") : system{with(grace_ms)} {}

  static SystemOptions with(const std::string& grace_ms) {
    SystemOptions options;
    options.start_notify = false;
    options.server = {{"FECHATTER_SERVER__SHUTDOWN_GRACE_MS", grace_ms}};
    return options;
  }
  // Sends the head and the half of an upload, and waits until the store has some of it.
  std::string begin_upload(const TcpConnection& connection) const {
    const auto body = form_body({{"half.bin", std::string(upload_size, 'x')}});
    connection.write(fmt::format(
        "POST /api/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n"
        "Content-Type: multipart/form-data; boundary={}\r\nContent-Length: {}\r\n\r\n{}",
        alice.token(), form_boundary, body.size(), body.substr(0, body.size() / 2)));
    EXPECT_TRUE(eventually([&] { return bytes_on_disk() > 0; }));
    return body.substr(body.size() / 2);
  }
  // Asks for a file and reads the beginning of the answer; no client reads on meanwhile.
  std::string begin_download(TcpConnection& connection) const {
    const auto url = uploaded(alice, system, "large.bin", std::string(download_size, 'x'));
    connection.write(fmt::format("GET {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n",
                                 url, alice.token()));
    std::string received;
    EXPECT_TRUE(connection.read(received, std::chrono::seconds{15}));
    EXPECT_THAT(received, HasSubstr("HTTP/1.1 200 "));
    return received;
  }
  void tell_to_stop() const {
    system.server.signal(SIGTERM);
    EXPECT_TRUE(eventually([&] { return !accepts_connections(); })) << "it is not draining";
  }
  bool accepts_connections() const {
    try {
      const TcpConnection connection{system.server.port()};
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }
  // All that comes until the end of the connection, which must come.
  static std::string read_to_end(TcpConnection& connection) {
    std::string received;
    while (connection.read(received, std::chrono::seconds{15})) {}
    EXPECT_TRUE(connection.ended()) << "the connection hangs";
    return received;
  }
  static std::size_t body_size(const std::string& answer) {
    return answer.size() - answer.find("\r\n\r\n") - 4;
  }
  std::uintmax_t bytes_on_disk() const {
    std::uintmax_t bytes = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator{system.folder.path("files")}) {
      if (entry.is_regular_file()) bytes += entry.file_size();
    }
    return bytes;
  }
  std::int64_t rows() const { return system.database->number("SELECT count(*) FROM uploads"); }

  System system;
  Person alice = system.signs_up("alice");
};

class TransfersBeyondTheGrace : public TransfersAtShutdown {
 protected:
  TransfersBeyondTheGrace() : TransfersAtShutdown{"500"} {}

  // Far below what a client that has stopped sending or reading is given otherwise (30 s).
  static constexpr std::chrono::seconds stopped_within{10};
};

TEST_F(TransfersBeyondTheGrace, AnUploadIsCutAndLeavesNothing) {
  TcpConnection connection{system.server.port()};
  begin_upload(connection);
  const auto begun = Clock::now();
  EXPECT_EQ(system.server.stop(), 0) << system.server.log();
  EXPECT_LT(Clock::now() - begun, stopped_within);
  EXPECT_EQ(read_to_end(connection), "");
  EXPECT_EQ(bytes_on_disk(), 0U);
  EXPECT_EQ(rows(), 0);
}

TEST_F(TransfersBeyondTheGrace, ADownloadIsCut) {
  TcpConnection connection{system.server.port()};
  auto received = begin_download(connection);
  const auto begun = Clock::now();
  EXPECT_EQ(system.server.stop(), 0) << system.server.log();
  EXPECT_LT(Clock::now() - begun, stopped_within);
  received += read_to_end(connection);
  EXPECT_LT(body_size(received), download_size);
}

TEST_F(TransfersAtShutdown, AnUploadThatEndsWithinTheGraceIsStored) {
  TcpConnection connection{system.server.port()};
  const auto rest = begin_upload(connection);
  tell_to_stop();
  connection.write(rest);
  const auto answer = read_to_end(connection);
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("Connection: close"));
  EXPECT_EQ(system.server.stop(), 0) << system.server.log();
  EXPECT_EQ(bytes_on_disk(), upload_size);
  EXPECT_EQ(rows(), 1);
}

TEST_F(TransfersAtShutdown, ADownloadThatEndsWithinTheGraceIsWhole) {
  TcpConnection connection{system.server.port()};
  auto received = begin_download(connection);
  tell_to_stop();
  received += read_to_end(connection);
  EXPECT_EQ(body_size(received), download_size);
  EXPECT_EQ(system.server.stop(), 0) << system.server.log();
}

}  // namespace
}  // namespace fechatter::test
