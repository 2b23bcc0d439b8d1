#pragma once

#include <gmock/gmock.h>

#include <atomic>
#include <string>
#include <vector>

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_core/file/s3_store.hpp"
#include "tests/support/moto.hpp"

namespace fechatter::file {

// A bucket of its own in moto. Its operator looks and damages; the store has the rights of
// deploy/s3/policy.json only.
class TestBucket {
 public:
  explicit TestBucket(const test::Moto& moto)
      : settings{settings_of(moto.server, moto.url)},
        operators_{with_key(settings, moto.operators)},
        address_{operators_},
        client_{operators_, address_, stopped_},
        bucket_{operators_, address_, stopped_} {
    client_.send({"PUT", ""}, deadline());
  }
  TestBucket(const TestBucket&) = delete;
  TestBucket& operator=(const TestBucket&) = delete;

  static S3Deadline deadline() {
    return std::chrono::steady_clock::now() + std::chrono::seconds{20};
  }
  std::vector<std::string> objects() {
    std::vector<std::string> names;
    for (auto& object : bucket_.list("", "", 1000, deadline()).objects) {
      names.push_back(std::move(object.name));
    }
    return names;
  }
  // Uploads in parts that have not ended.
  std::size_t open_uploads() { return bucket_.list_uploads("", {}, deadline()).uploads.size(); }
  void put(const std::string& object, const std::string& bytes) {
    const auto read = [&](std::uint64_t offset, char* to, std::size_t count) {
      return bytes.copy(to, count, offset);
    };
    const auto hash = auth::to_bytea(auth::sha256(bytes)).substr(2);
    bucket_.put(object, {{bytes.size(), read}, hash}, deadline());
  }
  void remove(const std::string& object) { bucket_.remove(object, deadline()); }
  std::string begin_upload(const std::string& object) {
    return bucket_.begin_upload(object, deadline());
  }
  http::ClientResponse send(const S3Request& request) { return client_.send(request, deadline()); }

  const S3Settings settings;

 private:
  static S3Settings settings_of(const test::MotoUser& user, const std::string& url) {
    S3Settings made;
    made.endpoint = url;
    made.path_style = true;
    made.bucket = "test-" + auth::to_bytea(auth::random_bytes(8)).substr(2);
    made.prefix = "files/";
    return with_key(made, user);
  }
  static S3Settings with_key(S3Settings made, const test::MotoUser& user) {
    made.key = {user.key_id, user.key};
    return made;
  }

  const S3Settings operators_;
  std::atomic<bool> stopped_ = false;
  const S3Address address_;
  S3Client client_;
  S3Bucket bucket_;
};

}  // namespace fechatter::file
