#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/error.hpp"
#include "fechatter_core/file/disk_store.hpp"
#include "fechatter_core/file/s3_bucket.hpp"

namespace fechatter::file {

// Files in a bucket of an S3-compatible store, which all instances share. An upload is written to
// the folder of a DiskStore first, since its name follows from its content, and is sent to the
// bucket by keep(). Threads of its own wait for the store: some send uploads, others do all else,
// so that neither a store that is slow nor large uploads hold up anything but files. A download
// holds neither a thread nor a connection between two reads, and 1 MiB of memory at most; all of
// them together 64 MiB, and 64 KiB each beyond. Its writers and sources may outlive it.
class S3Store final : public FileStore {
 public:
  // Of uploads in parts that did not end; longer than any upload.
  static constexpr std::chrono::hours upload_age_max{24};

  // `spool.folder`: for uploads under way, of this instance or of several. Throws
  // std::invalid_argument that names a setting, and what DiskStore throws. Asks the store for
  // nothing: what it answers is known by check().
  S3Store(const S3Settings& settings, const DiskStoreSettings& spool);
  // Requests under way end within a second.
  ~S3Store() override;
  S3Store(const S3Store&) = delete;
  S3Store& operator=(const S3Store&) = delete;

  awaitable<std::unique_ptr<FileWriter>> create() override;
  awaitable<std::unique_ptr<http::BodySource>> open(FileKey key) override;
  awaitable<bool> remove(FileKey key) override;
  awaitable<> keep_thumbnail(FileKey key, Thumbnail thumbnail, std::string bytes) override;
  awaitable<std::unique_ptr<http::BodySource>> open_thumbnail(FileKey key,
                                                              Thumbnail thumbnail) override;
  awaitable<std::size_t> sweep() override;
  // In the order of the objects' names.
  awaitable<std::vector<StoredFile>> list(std::optional<FileKey> after, std::size_t count) override;
  // Asks for a list of one object, unless that went well less than 10 s ago.
  awaitable<> check() override;
  // Of the folder for uploads under way.
  awaitable<std::uint64_t> free_bytes() override;

  class Core;

 private:
  awaitable<std::unique_ptr<http::BodySource>> open_object(std::string object);

  const std::shared_ptr<Core> core_;
};

// Shared with the writers and sources.
class S3Store::Core {
 public:
  // One for each thread, with its connection.
  using Context = std::unique_ptr<S3Bucket>;

  Core(const S3Settings& settings, const DiskStoreSettings& spool);

  // Runs job(S3Bucket&, S3Deadline) on a thread of its own; the time of `settings.timeout` begins
  // now. What the store refuses is Error{storage_unavailable} then. REQUIRES: what the job refers
  // to lives until its end; it returns a value.
  template <class F>
  auto ask(F job) {
    const auto deadline = S3Clock::now() + settings_.timeout;
    return asking_.run([job, deadline](Context& bucket) {
      require_in_time(deadline);
      return unless_refused(job, *bucket, deadline);
    });
  }
  // The same on one of the threads that send uploads. It waits for the thread as long as that takes
  // while others send, up to a minute; the time begins then.
  template <class F>
  auto send(F job) {
    const auto begin_by = S3Clock::now() + settings_.timeout + send_wait_max;
    return sending_.run([this, job, begin_by](Context& bucket) {
      require_in_time(begin_by);
      return unless_refused(job, *bucket, S3Clock::now() + settings_.timeout);
    });
  }

  const S3Settings& settings() const { return settings_; }
  const S3Address& address() const { return address_; }
  DiskStore& spool() { return spool_; }
  void stop();

  // Whether another source may read ahead; release_window() when it has ended to.
  bool take_window();
  void release_window() { --windows_; }

  // Whether the last check that went well is recent; and that one went well now.
  bool is_checked() const;
  void note_checked();

 private:
  using Pool = WorkerPool<Context>;

  using S3Clock = std::chrono::steady_clock;

  static constexpr std::chrono::minutes send_wait_max{1};

  template <class F>
  static auto unless_refused(const F& job, S3Bucket& bucket, S3Deadline deadline) {
    try {
      return job(bucket, deadline);
    } catch (const S3Refusal& refusal) {
      fail_as_refused(refusal);
    }
  }
  [[noreturn]] static void fail_as_refused(const S3Refusal& refusal);
  static void require_in_time(S3Deadline deadline);
  Context make_bucket() const;

  const S3Settings settings_;
  const S3Address address_;
  std::atomic<bool> stopped_ = false;
  std::atomic<int> windows_ = 0;
  mutable std::mutex mutex_;
  std::optional<S3Clock::time_point> checked_at_;
  DiskStore spool_;
  Pool sending_;
  Pool asking_;
};

}  // namespace fechatter::file
