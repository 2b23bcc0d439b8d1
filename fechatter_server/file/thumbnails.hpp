#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

#include "fechatter_core/file/file_store.hpp"
#include "fechatter_core/repository/thumbnail_repository.hpp"
#include "fechatter_server/file/thumbnailer.hpp"

namespace fechatter::server {

struct ThumbnailTimes {
  std::chrono::milliseconds wait_max{2'000};  // of an upload for its thumbnails
  std::chrono::milliseconds interval{2'000};  // between two looks for pictures that are due
};

// Makes the thumbnails of pictures and gives them to the store: those of an upload at once, and
// later those that nothing has made in time, in each instance. A picture whose thumbnails cannot be
// made is a file like any other. What goes wrong is logged with the id of the file, and without
// anything of its content or its name. Any thread.
class Thumbnails {
 public:
  // A picture of a store that has no descriptors is copied into memory; larger ones get none.
  static constexpr std::uint64_t copied_bytes_max = std::uint64_t{64} * 1024 * 1024;
  static constexpr int due_slice = 4;

  // `uploads` is behind requests, `due` is not. All outlive this object.
  Thumbnails(const ThumbnailTimes& times, ThumbnailRepository& uploads, ThumbnailRepository& due,
             file::FileStore& store, Thumbnailer& thumbnailer);

  // Begins with the thumbnails of pictures whose uploads have just been recorded, and waits for
  // them, wait_max at most; those that are not there by then are made without the caller. Throws
  // nothing.
  awaitable<> make(std::vector<FileId> pictures);

  // Makes those that are due, for ever; ends with its executor. Spawn it detached, once.
  awaitable<> run();
  // One slice of them; how many were claimed. Throws what the repository throws.
  awaitable<std::size_t> make_due();

  // Failures in a row of the database, the store, or the start of processes. Any thread.
  int failures() const { return failures_; }

 private:
  struct Waiting;

  awaitable<> make_one(FileId picture, std::shared_ptr<Waiting> waiting);
  awaitable<> claim_and_make(FileId picture);
  awaitable<> make_claimed(StoredFile picture, ThumbnailRepository& repository);
  awaitable<> attempt(const StoredFile& picture, ThumbnailTry& ended);
  awaitable<> keep(const StoredFile& picture, file::PictureReport& report);
  void note_failure(const std::exception& error);

  const ThumbnailTimes times_;
  ThumbnailRepository& uploads_;
  ThumbnailRepository& due_;
  file::FileStore& store_;
  Thumbnailer& thumbnailer_;
  std::atomic<int> failures_ = 0;
  bool database_failed_ = false;  // since the last claim of due pictures
};

}  // namespace fechatter::server
