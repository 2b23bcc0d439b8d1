#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/file/s3_answers.hpp"
#include "fechatter_core/file/s3_client.hpp"

namespace fechatter::file {

// Content that is sent: `read` is called on the thread that sends.
struct S3Content {
  http::ClientUpload upload;
  std::string hash;  // SHA-256, in lower-case hexadecimal digits
};

// What is done with the objects of a bucket, a request or a few each. A transfer may take so much
// longer than its deadline as its bytes take at 256 KiB a second. Blocks; one thread; throws what
// S3Client::send throws, and Error{storage_unavailable} for answers that are none.
class S3Bucket {
 public:
  // The settings outlive it, and so do the others.
  S3Bucket(const S3Settings& settings, const S3Address& address, const std::atomic<bool>& stopped);

  // Nullopt when there is no such object, or no such bucket.
  std::optional<std::uint64_t> find_size(const std::string& object, S3Deadline deadline);
  // The same, and S3Refusal when there is no such bucket.
  std::optional<std::uint64_t> find_size_in_bucket(const std::string& object, S3Deadline deadline);
  // So many bytes from `offset` on; all of them are there.
  std::string read(const std::string& object, std::uint64_t offset, std::size_t count,
                   S3Deadline deadline);
  void put(const std::string& object, const S3Content& content, S3Deadline deadline);
  // Whether there was one or not.
  void remove(const std::string& object, S3Deadline deadline);
  // The next `count` objects at most whose names begin so, behind `after`.
  S3Page list(const std::string& prefix, const std::string& after, std::size_t count,
              S3Deadline deadline);

  // An upload in parts; its id.
  std::string begin_upload(const std::string& object, S3Deadline deadline);
  // Numbered from 1; its entity tag.
  std::string put_part(const std::string& object, const std::string& id, std::size_t number,
                       const S3Content& content, S3Deadline deadline);
  // `size`: of the whole object.
  void complete_upload(const std::string& object, const std::string& id,
                       const std::vector<std::string>& entity_tags, std::uint64_t size,
                       S3Deadline deadline);
  void abort_upload(const std::string& object, const std::string& id, S3Deadline deadline);
  // Uploads that have not ended, of objects whose names begin so, behind those of `after`.
  S3Uploads list_uploads(const std::string& prefix, const S3Uploads& after, S3Deadline deadline);

 private:
  AwsFields new_object_headers() const;

  const S3Settings& settings_;
  S3Client client_;
};

}  // namespace fechatter::file
