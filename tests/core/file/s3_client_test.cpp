#include "fechatter_core/file/s3_client.hpp"

#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>
#include <thread>

#include "tests/core/file/scripted_server.hpp"
#include "tests/core/file/store_fixture.hpp"

// What the store does with a bucket that is slow, gone or says no.
namespace fechatter::file {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;
using Exchange = ScriptedServer::Exchange;

constexpr std::size_t mib = 1024 * 1024;
const std::string secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

S3Settings settings_for(const std::string& url) {
  S3Settings settings;
  settings.endpoint = url;
  settings.path_style = true;
  settings.bucket = "files";
  settings.key = {"AKIAIOSFODNN7EXAMPLE", secret_key};
  settings.timeout = 5s;
  settings.threads = 2;
  return settings;
}

// A client of a server that answers so.
class S3ClientTest : public testing::Test {
 protected:
  void answer(ScriptedServer::Script script) {
    server = std::make_unique<ScriptedServer>(std::move(script));
    settings = settings_for(server->url());
    connect();
  }
  void connect() {
    address = std::make_unique<S3Address>(settings);
    client = std::make_unique<S3Client>(settings, *address, stopped);
    bucket = std::make_unique<S3Bucket>(settings, *address, stopped);
  }
  S3Deadline deadline() const { return std::chrono::steady_clock::now() + settings.timeout; }
  // The number of exchanges so far.
  std::size_t count() const { return server->exchanges().size(); }
  template <class F>
  static std::chrono::milliseconds duration_of(F call) {
    const auto begun = std::chrono::steady_clock::now();
    call();
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
  }

  S3Settings settings;
  std::atomic<bool> stopped = false;
  std::unique_ptr<ScriptedServer> server;
  std::unique_ptr<S3Address> address;
  std::unique_ptr<S3Client> client;
  std::unique_ptr<S3Bucket> bucket;
};

TEST_F(S3ClientTest, WhatARepetitionMayCureIsRepeated) {
  for (const auto& first :
       {error_of("503 Slow Down", "SlowDown"), error_of("429 Too Many Requests", "SlowDown"),
        error_of("500 Internal Server Error", "InternalError"),
        error_of("400 Bad Request", "RequestTimeout"), std::string{"no response of HTTP\r\n"}}) {
    std::atomic<int> answers = 0;
    answer([&](const Exchange&) { return ++answers == 1 ? first : response_of("200 OK", "x"); });
    EXPECT_EQ(client->send({"GET", "a"}, deadline()).body, "x") << first;
    EXPECT_EQ(count(), 2U) << first;
  }
}

TEST_F(S3ClientTest, ARequestIsSentFourTimesAtMost) {
  answer([](const Exchange&) { return error_of("503 Slow Down", "SlowDown"); });
  EXPECT_EQ(refused([&] {
              client->send({"GET", "a"}, deadline());
            }).code,
            ErrorCode::storage_unavailable);
  EXPECT_EQ(count(), 4U);
}

TEST_F(S3ClientTest, ARefusalIsNotRepeated) {
  answer([](const Exchange&) { return error_of("403 Forbidden", "AccessDenied"); });
  try {
    client->send({"GET", "a"}, deadline());
    FAIL() << "no refusal";
  } catch (const S3Refusal& refusal) {
    EXPECT_EQ(refusal.code(), "AccessDenied");
    EXPECT_FALSE(refusal.is_absent());
  }
  EXPECT_EQ(count(), 1U);
}

TEST_F(S3ClientTest, AStoreThatIsFullSaysSo) {
  answer([](const Exchange&) { return error_of("507 Insufficient Storage", "XMinioStorageFull"); });
  EXPECT_EQ(refused([&] { client->send({"PUT", "a"}, deadline()); }).code, ErrorCode::storage_full);
}

TEST_F(S3ClientTest, APauseThatIsLongerThanTheTimeIsNotWaitedFor) {
  answer(
      [](const Exchange&) { return error_of("503 Slow Down", "SlowDown", "Retry-After: 30\r\n"); });
  const auto took = duration_of([&] {
    EXPECT_EQ(refused([&] {
                client->send({"GET", "a"}, deadline());
              }).code,
              ErrorCode::storage_unavailable);
  });
  EXPECT_LT(took, settings.timeout);
  EXPECT_EQ(count(), 1U);
}

TEST_F(S3ClientTest, AStoreThatIsSilentFailsWhenTheTimeIsOver) {
  answer([](const Exchange&) { return std::string{}; });
  settings.timeout = 400ms;
  connect();
  const auto took = duration_of([&] {
    EXPECT_EQ(refused([&] {
                client->send({"GET", "a"}, deadline());
              }).code,
              ErrorCode::storage_unavailable);
  });
  EXPECT_GE(took, 350ms);
  EXPECT_LT(took, 5s);
}

TEST_F(S3ClientTest, AStoreThatDoesNotListenIsUnavailable) {
  answer([](const Exchange&) { return std::string{}; });
  server.reset();
  EXPECT_EQ(refused([&] {
              client->send({"GET", "a"}, deadline());
            }).code,
            ErrorCode::storage_unavailable);
}

TEST_F(S3ClientTest, ARequestThatIsUnderWayEndsWithTheStore) {
  answer([](const Exchange&) { return std::string{}; });
  settings.timeout = 60s;
  connect();
  std::thread stopping{[&] {
    test::eventually([&] { return count() == 1; });
    stopped = true;
  }};
  const auto took = duration_of([&] {
    EXPECT_EQ(refused([&] {
                client->send({"GET", "a"}, deadline());
              }).code,
              ErrorCode::storage_unavailable);
  });
  stopping.join();
  EXPECT_LT(took, 30s);
}

TEST_F(S3ClientTest, TheKeyIsInNoRequestAndInNoLogLine) {
  std::ostringstream log;
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
  answer([](const Exchange&) { return error_of("500 Internal Server Error", "InternalError"); });
  refused([&] { client->send({"GET", "7/abc/name"}, deadline()); });
  test::eventually([&] {
    log_s3_failure("marker", "of the test");
    return log.str().find("marker") != std::string::npos;
  });
  spdlog::set_default_logger(before);
  EXPECT_THAT(log.str(), HasSubstr("file store: S3: GET: 500 InternalError"));
  EXPECT_THAT(log.str(), AllOf(Not(HasSubstr(secret_key)), Not(HasSubstr("Signature")),
                               Not(HasSubstr("7/abc"))));
  for (const auto& exchange : server->exchanges()) {
    EXPECT_THAT(exchange.head, HasSubstr("Credential=AKIAIOSFODNN7EXAMPLE/"));
    EXPECT_THAT(exchange.head, Not(HasSubstr(secret_key)));
  }
}

TEST_F(S3ClientTest, AnAnswerWithOtherBytesThanAskedForIsAFailure) {
  const std::string ten(10, 'x');
  for (const auto& wrong :
       {response_of("200 OK", ten),
        response_of("206 Partial Content", ten, "Content-Range: bytes 1-10/20\r\n"),
        response_of("206 Partial Content", "x", "Content-Range: bytes 0-9/20\r\n"),
        response_of("206 Partial Content", ten)}) {
    answer([&](const Exchange&) { return wrong; });
    EXPECT_EQ(refused([&] { bucket->read("a", 0, 10, deadline()); }).code,
              ErrorCode::storage_unavailable)
        << wrong;
  }
  answer([&](const Exchange& exchange) {
    EXPECT_THAT(exchange.head, HasSubstr("range: bytes=0-9\r\n"));
    return response_of("206 Partial Content", ten, "Content-Range: bytes 0-9/20\r\n");
  });
  EXPECT_EQ(bucket->read("a", 0, 10, deadline()), ten);
}

TEST_F(S3ClientTest, AnAnswerThatIsNotOfS3IsAFailure) {
  answer([](const Exchange&) { return response_of("200 OK", "<html>a portal</html>"); });
  EXPECT_EQ(refused([&] { bucket->list("", "", 10, deadline()); }).code,
            ErrorCode::storage_unavailable);
  EXPECT_EQ(refused([&] { bucket->begin_upload("a", deadline()); }).code,
            ErrorCode::storage_unavailable);
  EXPECT_EQ(refused([&] { bucket->complete_upload("a", "id", {"x"}, 1, deadline()); }).code,
            ErrorCode::storage_unavailable);
}

TEST_F(S3ClientTest, ACompletionWhoseAnswerWasLostIsOne) {
  std::atomic<std::uint64_t> size = 100;
  answer([&](const Exchange& exchange) {
    if (exchange.head.starts_with("HEAD")) {
      return "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(size) +
             "\r\n\r\n";
    }
    return error_of("404 Not Found", "NoSuchUpload");
  });
  bucket->complete_upload("a", "id", {"x"}, 100, deadline());
  size = 99;
  EXPECT_THROW(bucket->complete_upload("a", "id", {"x"}, 100, deadline()), S3Refusal);
}

// What a store of ours asks a server for that answers so.
class S3StoreOfScript : public S3ClientTest {
 protected:
  void make_store() {
    store = std::make_unique<S3Store>(settings, DiskStoreSettings{scratch.path("files"), 1, 1000});
    steps = std::make_unique<StoreSteps>(io, *store);
  }
  std::vector<std::string> request_lines() const {
    std::vector<std::string> lines;
    for (const auto& exchange : server->exchanges()) {
      lines.push_back(exchange.head.substr(0, exchange.head.find(" HTTP/")));
    }
    return lines;
  }

  asio::io_context io;
  test::ScratchFolder scratch;
  std::unique_ptr<S3Store> store;
  std::unique_ptr<StoreSteps> steps;
};

TEST_F(S3StoreOfScript, AnUploadInPartsThatFailsIsAborted) {
  answer([](const Exchange& exchange) {
    if (exchange.head.starts_with("HEAD")) {
      return std::string{"HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n"};
    }
    if (exchange.head.starts_with("POST")) {
      return response_of("200 OK",
                         "<InitiateMultipartUploadResult><UploadId>id7</UploadId>"
                         "</InitiateMultipartUploadResult>");
    }
    if (exchange.head.find("partNumber=2") != std::string::npos) {
      return error_of("403 Forbidden", "AccessDenied");
    }
    return response_of("200 OK", "", "ETag: \"x\"\r\n");
  });
  settings.put_bytes_max = mib;
  settings.part_bytes = mib;
  make_store();
  const auto refusal = refused([&] { steps->upload(varied_content(3 * mib)); });
  EXPECT_EQ(refusal.code, ErrorCode::storage_unavailable);
  const auto lines = request_lines();
  ASSERT_THAT(lines, SizeIs(5));
  EXPECT_THAT(lines[4], AllOf(StartsWith("DELETE /files/1/"), HasSubstr("?uploadId=id7")));
}

TEST_F(S3StoreOfScript, RequestsThatWaitForAThreadTooLongFailToo) {
  answer([](const Exchange&) { return std::string{}; });
  settings.timeout = 500ms;
  settings.threads = 1;
  make_store();
  int failed = 0;
  const auto took = duration_of([&] {
    for (int i = 0; i < 20; ++i) {
      const Executor strand{io.get_executor()};
      asio::co_spawn(strand, store->open(key_of_content("x")),
                     [&](std::exception_ptr error, std::unique_ptr<http::BodySource>) {
                       failed += error != nullptr;
                     });
    }
    io.run();
  });
  EXPECT_EQ(failed, 20);
  EXPECT_LT(took, 5s);
  EXPECT_LT(count(), 5U);
}

TEST_F(S3StoreOfScript, AStoreThatEndsDoesNotWaitForTheBucket) {
  answer([](const Exchange&) { return std::string{}; });
  settings.timeout = 60s;
  make_store();
  bool failed = false;
  const Executor strand{io.get_executor()};
  asio::co_spawn(strand, store->open(key_of_content("x")),
                 [&](std::exception_ptr error, std::unique_ptr<http::BodySource>) {
                   failed = error != nullptr;
                 });
  io.poll();
  ASSERT_TRUE(test::eventually([&] { return count() == 1; }));
  EXPECT_LT(duration_of([&] { store.reset(); }), 30s);
  io.run();
  EXPECT_TRUE(failed);
}

TEST_F(S3StoreOfScript, EncryptionIsAskedForWithEachNewObject) {
  const auto headers_of = [&](const std::string& encryption, const std::string& key_id) {
    answer([](const Exchange& exchange) {
      if (exchange.head.starts_with("HEAD")) {
        return std::string{"HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n"};
      }
      return response_of("200 OK", "");
    });
    settings.encryption = encryption;
    settings.kms_key_id = key_id;
    make_store();
    steps->upload("hello");
    return server->exchanges().back().head;
  };
  EXPECT_THAT(headers_of("none", ""), Not(HasSubstr("x-amz-server-side-encryption")));
  EXPECT_THAT(headers_of("AES256", ""), HasSubstr("\r\nx-amz-server-side-encryption: AES256\r\n"));
  const auto by_kms = headers_of("aws:kms", "alias/files");
  EXPECT_THAT(by_kms, HasSubstr("\r\nx-amz-server-side-encryption: aws:kms\r\n"));
  EXPECT_THAT(by_kms,
              HasSubstr("\r\nx-amz-server-side-encryption-aws-kms-key-id: alias/files\r\n"));
  EXPECT_THAT(by_kms, HasSubstr("SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;"
                                "x-amz-server-side-encryption;"));
}

}  // namespace
}  // namespace fechatter::file
