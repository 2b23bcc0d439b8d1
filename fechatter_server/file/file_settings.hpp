#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "fechatter_core/file/s3_settings.hpp"

namespace fechatter::server {

// Section `files`; config/fechatter_server.yml describes the keys.
struct FileSettings {
  std::string store = "disk";                       // or s3
  std::string folder = ".run/files";                // with s3: of uploads under way
  std::uint64_t bytes_max = 50 * 1024 * 1024;       // of one file
  std::size_t uploads_max = 64;                     // under way in this process …
  std::size_t uploads_of_user_max = 4;              // … and of one user
  std::size_t threads = 2;                          // that read and write the disk
  std::uint64_t free_mib_min = 1024;                // less room than that is reported by /health
  std::chrono::seconds grace{24 * 3600};            // of a file that nothing names
  std::string thumbnailer;                          // a program; empty: the one beside this program
  std::chrono::milliseconds thumbnail_wait{2'000};  // of an upload for its thumbnails
  std::uint64_t resumable_bytes_max = std::uint64_t{4} * 1024 * 1024 * 1024;  // of one in chunks
  int resumable_of_user_max = 20;                  // unfinished ones of one user
  std::chrono::seconds resumable_life{24 * 3600};  // after the last chunk
  file::S3Settings s3;
  std::string s3_secret_access_key_file;  // overrides s3.key.secret
};

// Files of one request.
inline constexpr std::size_t upload_files_max = 10;

// Of the body of an upload of so many files: the forms around them are small.
inline std::uint64_t upload_bytes_max(const FileSettings& settings, std::size_t files) {
  return files * settings.bytes_max + std::uint64_t{1024} * 1024;
}

}  // namespace fechatter::server
