#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// AWS Signature Version 4, which S3-compatible stores ask for: a request is proved by an HMAC of
// its parts, and the key itself is never sent. Pure functions over OpenSSL; any thread.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
namespace fechatter::file {

struct AwsKey {
  std::string id;      // no secret
  std::string secret;  // in no log, and in no text of an exception
};

using AwsFields = std::vector<std::pair<std::string, std::string>>;

// A request as it is signed.
struct AwsRequest {
  std::string method;
  std::string path;          // as it is sent: aws_encoded, from the first '/'
  AwsFields query;           // not encoded; a parameter without a value has an empty one
  AwsFields headers;         // all that are signed, "host" among them; see below
  std::string payload_hash;  // SHA-256 of the body in lower-case hexadecimal digits
};

// Where and when a signature is good.
struct AwsScope {
  std::string region;
  std::string service;  // "s3"
  std::chrono::sys_seconds time;
};

// The text in RFC 3986's unreserved characters and percent-encoded bytes; a path keeps its '/'.
enum class Slashes { encoded, kept };
std::string aws_encoded(std::string_view text, Slashes slashes);

// The query as it is signed and sent, without '?': sorted by name.
std::string aws_query(const AwsFields& query);

// "20130524T000000Z", for the header x-amz-date.
std::string aws_time(std::chrono::sys_seconds time);

// The value of the header Authorization. REQUIRES: the headers' names are in lower case, and their
// values have no blanks at the ends and no two in a row; "x-amz-date" is aws_time(scope.time).
std::string aws_authorization(const AwsRequest& request, const AwsKey& key, const AwsScope& scope);

}  // namespace fechatter::file
