#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fechatter_core/file/file_url.hpp"
#include "fechatter_core/file/s3_settings.hpp"

namespace fechatter::file {

// Where the objects of a bucket are, and what they are called: the object of a file is
// <prefix><workspace>/<aaa>/<bbb>/<hash>.<extension>. Any thread.
class S3Address {
 public:
  // Throws std::invalid_argument that names the setting which cannot be used.
  explicit S3Address(const S3Settings& settings);

  // As the header Host has it: with the port, unless it is that of the scheme.
  const std::string& host() const { return host_; }
  // Of the object, or, when its name is empty, of the bucket; encoded.
  std::string path_of(std::string_view object) const;
  // `query` is one of aws_query.
  std::string url_of(std::string_view path, std::string_view query) const;

  // REQUIRES: `key` is a file's, as place_of() wants it.
  std::string object_of(const FileKey& key) const;
  // The key of exactly such an object; nullopt for any other, thumbnails included.
  std::optional<FileKey> key_of(std::string_view object) const;
  const std::string& prefix() const { return prefix_; }

 private:
  std::string scheme_;  // "https://"
  std::string host_;
  std::string bucket_path_;  // "/bucket/", or "/" where the host names the bucket
  std::string prefix_;
};

}  // namespace fechatter::file
