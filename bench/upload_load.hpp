#pragma once

#include <thread>
#include <vector>

#include "bench/file_transfers.hpp"

namespace fechatter::bench {

struct UploadLoadOptions {
  std::uint16_t port = 0;
  std::string token;
  std::string folder;  // that of the server, in which a path /files/… is found; see UploadLoad
  std::size_t clients = 1;
  std::uint64_t size = 0;       // bytes of each file
  double bytes_per_second = 0;  // of each client; 0: as fast as the server takes them
  bool repeats = false;         // the next file follows the last, until stop()
};

// Clients that upload at the same time, each on a thread of its own. A stored file is removed from
// the server's folder at once, so that the disk does not fill up. The public functions are for one
// other thread.
class UploadLoad {
 public:
  // `source` outlives it.
  UploadLoad(const UploadLoadOptions& options, const SourceFile& source);
  ~UploadLoad() { stop(); }
  UploadLoad(const UploadLoad&) = delete;
  UploadLoad& operator=(const UploadLoad&) = delete;

  // Ends uploads under way in the middle, and waits for the threads.
  void stop();
  // Whether all clients have ended by themselves.
  bool ended() const { return working_ == 0; }

  std::uint64_t bytes() const { return sent_; }  // sent so far
  std::size_t stored() const { return stored_; }
  std::size_t refused() const { return refused_; }

 private:
  void work();
  // False: no further upload.
  bool upload_one();

  const UploadLoadOptions options_;
  const SourceFile& source_;
  std::atomic<bool> stopped_ = false;
  std::atomic<std::size_t> working_;
  std::atomic<std::uint64_t> sent_ = 0;
  std::atomic<std::size_t> stored_ = 0;
  std::atomic<std::size_t> refused_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace fechatter::bench
