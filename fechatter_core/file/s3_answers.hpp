#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/clock.hpp"

// What an S3-compatible store answers, in XML and headers. Pure; any thread. Nullopt: the answer is
// none of its kind.
namespace fechatter::file {

struct S3Object {
  std::string name;
  std::uint64_t size = 0;  // bytes
  Timestamp modified_at;
};

// Of ListObjectsV2.
struct S3Page {
  std::vector<S3Object> objects;  // in the order of their names' bytes
  bool is_last = true;
};
std::optional<S3Page> parse_page(std::string_view xml);

// Of ListMultipartUploads.
struct S3Upload {
  std::string object;
  std::string id;
  Timestamp begun_at;
};
struct S3Uploads {
  std::vector<S3Upload> uploads;
  std::string next_object;  // where the next page begins; both empty: there is none
  std::string next_id;
};
std::optional<S3Uploads> parse_uploads(std::string_view xml);

// The UploadId of CreateMultipartUpload.
std::optional<std::string> parse_upload_id(std::string_view xml);
// Of CompleteMultipartUpload, whose status is 200 for some failures, too.
bool is_completed(std::string_view xml);
// The body of CompleteMultipartUpload: the parts are numbered from 1.
std::string completion_of(const std::vector<std::string>& entity_tags);

// The Code of an error, 64 letters at most, for logs and decisions; empty when there is none.
std::string parse_error_code(std::string_view xml);

// "bytes 0-9/100"
struct S3Range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t size = 0;  // of the whole object

  friend bool operator==(const S3Range&, const S3Range&) = default;
};
std::optional<S3Range> parse_content_range(std::string_view value);

// Digits only.
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace fechatter::file
