#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "bench/file_transfers.hpp"
#include "tests/support/process.hpp"

// What uploads and downloads are compared with.
namespace fechatter::bench {

// nginx, one process, with Debian's settings for sending files.
class BareFileServer {
 public:
  // Serves `folder`/files under /files. Throws when nginx does not start.
  explicit BareFileServer(const std::string& folder);

  std::uint16_t port() const { return port_; }
  static bool is_installed();

 private:
  test::ScratchFolder scratch_;
  std::uint16_t port_;
  test::Process process_;
};

// Seconds of each step, one program after the other.
struct CopyTimes {
  double copy = 0;  // cp
  double sync = 0;  // fdatasync of the copy, which an upload has, too
  double sum = 0;   // sha256sum of the copy
};

// Copies the file to `path`, which is removed afterwards. Throws when a program fails.
CopyTimes copy_and_sum(const SourceFile& source, const std::string& path);

// The kernel forgets what it has of a file in memory, unless that is yet to be written.
void evict_from_memory(const std::string& path);

// Waits until nothing is to be written to the file system of the folder.
void sync_file_system(const std::string& folder);

}  // namespace fechatter::bench
