#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "fechatter_core/file/aws_signature.hpp"

namespace fechatter::file {

struct S3Settings {
  std::string endpoint;  // http(s)://host[:port]; empty: AWS' own of the region
  std::string region = "us-east-1";
  std::string bucket;
  std::string prefix;       // of all objects; empty, or ends with '/'
  bool path_style = false;  // the bucket in the path, not in the host's name
  AwsKey key;
  std::string encryption = "none";  // by the store: none, AES256 or aws:kms
  std::string kms_key_id;           // with aws:kms; empty: the bucket's
  std::string ca_file;              // certificates (PEM) to trust; empty: those of the system

  std::chrono::milliseconds connect_timeout{2'000};
  // Of a request without its content, retries and waiting for a thread included; of a transfer that
  // stands still.
  std::chrono::milliseconds timeout{10'000};
  std::size_t threads = 8;      // that send, and as many for all else
  std::size_t queue_max = 500;  // waiting jobs of each; beyond: Error{overloaded}

  std::uint64_t put_bytes_max = 64 * 1024 * 1024;  // larger ones are sent in parts …
  std::uint64_t part_bytes = 16 * 1024 * 1024;     // … of so many bytes; S3 wants 5 MiB at least
};

}  // namespace fechatter::file
