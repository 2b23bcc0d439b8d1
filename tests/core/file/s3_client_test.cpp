#include "fechatter_core/file/s3_client.hpp"

#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>
#include <thread>

#include "tests/core/file/scripted_fixture.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/services.hpp"

// What the store does with a bucket that is slow, gone or says no.
namespace fechatter::file {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Exchange = ScriptedServer::Exchange;

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

// A server with TLS whose certificate no authority of the system has signed.
class S3ByTls : public testing::Test {
 protected:
  void SetUp() override {
    test::run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
               "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
               "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate});
    server = test::Process{{"openssl", "s_server", "-www", "-cert", certificate, "-key", key,
                            "-accept", "127.0.0.1:" + std::to_string(port)},
                           folder.path("log")};
    settings = settings_for("https://127.0.0.1:" + std::to_string(port));
    ASSERT_TRUE(test::eventually([&] {
      try {
        test::TcpConnection{port};
        return true;
      } catch (const std::exception&) {
        return false;
      }
    }));
  }
  long status() const {
    const S3Address address{settings};
    std::atomic<bool> stopped = false;
    S3Client client{settings, address, stopped};
    return client.send({"GET", "a"}, std::chrono::steady_clock::now() + settings.timeout).status;
  }

  test::ScratchFolder folder;
  const std::string key = folder.path("key.pem");
  const std::string certificate = folder.path("certificate.pem");
  const std::uint16_t port = test::free_port();
  test::Process server;
  S3Settings settings;
};

TEST_F(S3ByTls, ACertificateIsVerified) {
  EXPECT_EQ(refused([&] { status(); }).code, ErrorCode::storage_unavailable);
  settings.ca_file = certificate;
  EXPECT_EQ(status(), 200);
  settings.endpoint = "https://localhost:" + std::to_string(port);
  EXPECT_EQ(refused([&] { status(); }).code, ErrorCode::storage_unavailable);
}

}  // namespace
}  // namespace fechatter::file
