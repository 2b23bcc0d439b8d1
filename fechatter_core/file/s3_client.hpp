#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

#include "fechatter_core/file/s3_address.hpp"
#include "fechatter_core/http/client.hpp"

namespace fechatter::file {

using S3Deadline = std::chrono::steady_clock::time_point;

// What the store refuses, and would refuse again: status 3xx or 4xx.
class S3Refusal : public std::runtime_error {
 public:
  S3Refusal(long status, std::string code);

  bool is_absent() const { return status_ == 404; }
  const std::string& code() const { return code_; }  // "NoSuchKey"; empty: the answer has none

 private:
  long status_;
  std::string code_;
};

struct S3Request {
  std::string method;
  std::string object;  // empty: the bucket
  AwsFields query = {};
  AwsFields headers = {};  // names in lower case; all are signed
  std::string body = {};
  std::optional<http::ClientUpload> upload = std::nullopt;  // instead of the body …
  std::string upload_hash = {};                             // … and its SHA-256, in hexadecimal
};

// Signed requests to one bucket, over a connection that stays open. What a repetition may cure
// (no connection, 5xx, 429) is repeated three times at most, with longer and longer pauses, as long
// as the deadline allows it. Blocks; one thread.
class S3Client {
 public:
  // `address` and `stopped` outlive it. Once `stopped` is set, exchanges fail within a second.
  S3Client(const S3Settings& settings, const S3Address& address, const std::atomic<bool>& stopped);

  // Returns a response with a status of 2xx. Throws S3Refusal; Error{storage_full} when the store
  // says so; Error{storage_unavailable} when there is no answer until the deadline. The reason goes
  // to the log, once a second at most, with neither keys nor names of objects.
  http::ClientResponse send(const S3Request& request, S3Deadline deadline);

 private:
  struct Attempt;

  http::ClientRequest signed_request(const S3Request& request) const;
  Attempt attempt(const S3Request& request, S3Deadline deadline);
  void wait(std::chrono::milliseconds pause) const;

  const AwsKey key_;
  const std::string region_;
  const std::chrono::seconds stall_timeout_;
  const S3Address& address_;
  const std::atomic<bool>& stopped_;
  http::Client http_;
};

// For the log, as S3Client logs; `what` is a fixed text, `reason` a code or a status.
void log_s3_failure(const char* what, const std::string& reason);

}  // namespace fechatter::file
