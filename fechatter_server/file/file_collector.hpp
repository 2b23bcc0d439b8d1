#pragma once

#include <atomic>
#include <chrono>

#include "fechatter_core/file/file_store.hpp"
#include "fechatter_core/repository/file_repository.hpp"
#include "fechatter_server/cleanup/slice_size.hpp"
#include "fechatter_server/file/resumable_cleanup.hpp"

namespace fechatter::server {

struct FileCollectorSettings {
  std::chrono::seconds grace{24 * 3600};  // of an upload that nothing names
  std::chrono::seconds hold{3600};        // an unused file stays for so long
  std::chrono::milliseconds interval{5'000};
  std::chrono::milliseconds statement_timeout{900};  // as the connection has it
  std::chrono::seconds removal_max{30};              // of one slice
  std::chrono::hours sweep_interval{1};
  int mark_slice = 512;
  int take_slice = 64;
};

// Removes the files that no message, draft or recent upload names: marks them, takes them, makes
// the store lose their bytes, and forgets them. Each instance runs it; what another one has taken
// is left alone. Removes what uploads of a killed process have left behind, too, and uploads in
// chunks that have expired.
class FileCollector {
 public:
  // The others outlive the collector.
  FileCollector(const FileCollectorSettings& settings, FileRepository& files,
                file::FileStore& store, ResumableCleanup& resumables);

  // Never returns; ends with its executor. Spawn it detached, once.
  awaitable<> run();
  // One round; failures are counted and logged. Returns the time until the next one. Not
  // concurrently.
  awaitable<std::chrono::milliseconds> collect();

  // Failures since the last success. Any thread.
  int failures() const { return failures_; }

 private:
  using Clock = std::chrono::steady_clock;

  awaitable<> mark();
  awaitable<std::size_t> remove_taken();
  awaitable<> lose(std::vector<StoredFile> taken, std::vector<FileId>& lost);
  awaitable<> sweep();
  void note_failure(const std::exception& error);

  const FileCollectorSettings settings_;
  FileRepository& files_;
  file::FileStore& store_;
  ResumableCleanup& resumables_;
  SliceSize mark_size_;
  Clock::time_point next_sweep_;
  std::atomic<int> failures_ = 0;
};

}  // namespace fechatter::server
