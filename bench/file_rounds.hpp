#pragma once

#include <vector>

#include "bench/file_transfers.hpp"
#include "bench/stage.hpp"
#include "bench/upload_load.hpp"

// What bench_files measures, part by part.
namespace fechatter::bench {

struct FileOptions {
  std::uint64_t mib = 256;          // of the file that is uploaded and downloaded for the speed
  std::size_t rounds = 5;           // of each part that goes in turns
  std::size_t at_once = 50;         // uploads, for the memory …
  std::uint64_t at_once_mib = 100;  // … and the size of each
  std::uint64_t large_mib = 512;    // of the one large file
  std::size_t uploads = 8;          // beside sending
  double pace_mib = 4;              // each second of a client that does not upload at full speed
  double seconds = 8;               // of each round of sending
  double rate = 100;                // messages per second
  unsigned seed = 1;
};

// Resident memory of fechatter_server.
struct MemoryFigures {
  double idle_mib = 0;     // before
  double highest_mib = 0;  // seen during the uploads, every 10 ms
  double seconds = 0;
  std::size_t stored = 0;
  std::size_t refused = 0;

  double growth_mib() const { return highest_mib - idle_mib; }
};

// In MiB/s; 0: not measured.
struct SpeedRound {
  double upload = 0;
  double copy = 0;          // cp and sha256sum
  double durable_copy = 0;  // the same, and the copy is synced as an upload is
  double download = 0;      // of what is in memory …
  double nginx = 0;
  double download_from_disk = 0;  // … and of what is not
  double nginx_from_disk = 0;
};

// Sending messages, in milliseconds.
struct SendingRound {
  double p50 = 0;
  double p99 = 0;
  double uploaded = 0;  // MiB/s meanwhile
};

struct SendingFigures {
  std::vector<SendingRound> alone;
  std::vector<SendingRound> paced;  // beside uploads of pace_mib each
  std::vector<SendingRound> fast;   // beside uploads as fast as the server takes them
  std::size_t refused = 0;          // messages and uploads
};

// The system with its local store, and a source for the uploads, in scratch folders.
class FileBench {
 public:
  // Throws when the disk has not enough room.
  explicit FileBench(const FileOptions& options);

  // With a server that has just started. `clients` upload a file each, at the pace.
  MemoryFigures measure_memory(std::size_t clients, std::uint64_t mib, double pace_mib);
  std::vector<SpeedRound> measure_speed();
  SendingFigures measure_sending();

 private:
  UploadLoadOptions load_of(std::size_t clients, std::uint64_t mib, double pace_mib,
                            bool repeats) const;
  std::string store_parent() const;
  // The resident size in KiB once it has been constant for a second, after 15 s at the latest.
  std::int64_t settled_size(pid_t server) const;

  const FileOptions options_;
  test::ScratchFolder scratch_;
  Stage stage_;
  SourceFile source_;
};

}  // namespace fechatter::bench
