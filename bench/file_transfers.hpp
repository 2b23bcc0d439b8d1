#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "bench/event_loop.hpp"

// Uploads and downloads of one client each, over a connection of its own. They block.
namespace fechatter::bench {

inline constexpr double mebibyte = 1024.0 * 1024.0;

// A file of random bytes that clients send from, on the disk before the constructor returns.
class SourceFile {
 public:
  SourceFile(std::string path, std::uint64_t size);
  ~SourceFile();
  SourceFile(const SourceFile&) = delete;
  SourceFile& operator=(const SourceFile&) = delete;

  const std::string& path() const { return path_; }
  int descriptor() const { return descriptor_; }
  std::uint64_t size() const { return size_; }

 private:
  const std::string path_;
  const std::uint64_t size_;
  int descriptor_;
};

struct UploadOrder {
  std::uint16_t port = 0;
  std::string token;
  // Of the file, which no other upload has: it begins with a mark, followed by the source's bytes,
  // again and again.
  std::uint64_t size = 0;
  double bytes_per_second = 0;                 // 0: as fast as the server takes them
  const std::atomic<bool>* stopped = nullptr;  // ends the upload in the middle
  std::atomic<std::uint64_t>* sent = nullptr;  // counts bytes while they are sent
};

struct Transfer {
  int status = 0;          // 0: the connection ended without an answer
  std::uint64_t size = 0;  // bytes of the file
  double seconds = 0;      // from before the first byte of the request to the last of the answer
  std::string answer;      // the body that an upload got

  double mebibytes_per_second() const { return static_cast<double>(size) / mebibyte / seconds; }
};

// Throws std::system_error when there is no connection, and Stopped.
Transfer upload(const UploadOrder& order, const SourceFile& source);
Transfer download(std::uint16_t port, const std::string& target, const std::string& token);

// The path of the file that an upload of one file has made. Throws when it was refused.
std::string path_in(const Transfer& uploaded);

}  // namespace fechatter::bench
