#pragma once

#include <optional>
#include <string>

#include "fechatter_core/file/picture_report.hpp"
#include "fechatter_core/worker_pool.hpp"
#include "fechatter_server/file/child_process.hpp"

namespace fechatter::server {

struct ThumbnailerSettings {
  std::string program;            // empty: fechatter_thumbnailer beside this program
  std::size_t processes_max = 2;  // at once; each takes up to 512 MiB
  std::size_t queue_max = 64;     // pictures that wait for one; beyond: Error{overloaded}
  std::chrono::milliseconds time_max{10'000};
};

// What came of a picture.
struct Thumbnailed {
  bool started = false;                       // a process; false says nothing of the picture
  std::optional<file::PictureReport> report;  // unless the process has crashed
  std::string reason;                         // when there is no report
};

// Has fechatter_thumbnailer look at pictures, in a process for each, since decoders of pictures
// have faults: none of its bytes is decoded here, and what the process says is checked. Any thread.
class Thumbnailer {
 public:
  explicit Thumbnailer(const ThumbnailerSettings& settings);
  // Ends the processes that run.
  ~Thumbnailer();

  // `picture`: a regular file, open to read. Throws overloaded, draining.
  awaitable<Thumbnailed> look_at(file::Descriptor picture);

  const std::string& program() const { return settings_.program; }

 private:
  struct NoContext {};

  Thumbnailed run(const file::Descriptor& picture) const;

  const ThumbnailerSettings settings_;
  file::Descriptor stop_;  // can be read once this object is being destroyed
  WorkerPool<NoContext> pool_;
};

}  // namespace fechatter::server
