#include <thread>

#include "tests/core/file/scripted_fixture.hpp"

namespace fechatter::file {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr std::size_t part_of_script = 1024 * 1024;

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
  answer([](const ScriptedServer::Exchange& exchange) {
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
  settings.put_bytes_max = part_of_script;
  settings.part_bytes = part_of_script;
  make_store();
  const auto refusal = refused([&] { steps->upload(varied_content(3 * part_of_script)); });
  EXPECT_EQ(refusal.code, ErrorCode::storage_unavailable);
  const auto lines = request_lines();
  ASSERT_THAT(lines, SizeIs(5));
  EXPECT_THAT(lines[4], AllOf(StartsWith("DELETE /files/1/"), HasSubstr("?uploadId=id7")));
}

TEST_F(S3StoreOfScript, RequestsThatWaitForAThreadTooLongFailToo) {
  answer([](const ScriptedServer::Exchange&) { return std::string{}; });
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
  answer([](const ScriptedServer::Exchange&) { return std::string{}; });
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
    answer([](const ScriptedServer::Exchange& exchange) {
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
