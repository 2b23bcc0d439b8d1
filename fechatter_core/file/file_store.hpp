#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/clock.hpp"
#include "fechatter_core/file/file_url.hpp"
#include "fechatter_core/file/thumbnail.hpp"
#include "fechatter_core/http/body_source.hpp"

namespace fechatter::file {

// What a finished upload is, before it has a name.
struct WrittenFile {
  std::string hash;  // as FileKey has it
  std::uint64_t size = 0;
  std::string head;  // the first bytes, FileWriter::head_bytes_max at most, to tell what it is
};

// One upload on its way to the store. Its bytes are never whole in memory. Discarded by the
// destructor unless it was kept. Belongs to one coroutine.
class FileWriter {
 public:
  static constexpr std::size_t head_bytes_max = 8192;

  virtual ~FileWriter() = default;

  // Throws storage_full (507 → `storage.full`) when the disk is full, storage_unavailable (503).
  virtual awaitable<> write(std::string_view piece) = 0;
  // After the last piece: the content is durable.
  virtual awaitable<WrittenFile> finish() = 0;
  // Gives the content its place, durably; the same content that is there already is left alone.
  // REQUIRES: finished; `key.hash` is that of the content.
  virtual awaitable<> keep(FileKey key) = 0;
};

struct StoredFile {
  FileKey key;
  std::uint64_t size = 0;  // bytes
  Timestamp kept_at;       // when its content was kept: last on a disk, first in a bucket
};

// Where the bytes of files are. Any thread. Throws storage_unavailable (503) when the store cannot
// be reached.
class FileStore {
 public:
  virtual ~FileStore() = default;

  virtual awaitable<std::unique_ptr<FileWriter>> create() = 0;
  // Null when there is no such file. The source holds no thread between two reads.
  virtual awaitable<std::unique_ptr<http::BodySource>> open(FileKey key) = 0;
  // With its thumbnails. Whether there was one; thumbnails that a failure has left are removed all
  // the same.
  virtual awaitable<bool> remove(FileKey key) = 0;

  // Keeps a thumbnail beside the file, durably, in place of the one that is there. Does nothing
  // when there is no such file (any more), so that no thumbnail outlives its file.
  virtual awaitable<> keep_thumbnail(FileKey key, Thumbnail thumbnail, std::string bytes) = 0;
  // Null when there is no such thumbnail.
  virtual awaitable<std::unique_ptr<http::BodySource>> open_thumbnail(FileKey key,
                                                                      Thumbnail thumbnail) = 0;

  // Removes what uploads have left behind whose process was killed, once it is a day old; how much.
  virtual awaitable<std::size_t> sweep() = 0;
  // The next `count` files at most behind `after` (nullopt: from the first one), which need not be
  // there any more, in an order of the store's own; fewer at the end. Left out is what is no file:
  // thumbnails, other names. Files that come or go meanwhile may be missed.
  virtual awaitable<std::vector<StoredFile>> list(std::optional<FileKey> after,
                                                  std::size_t count) = 0;
  // Throws an Error that says what is wrong, for operators, unless files can be read and made.
  virtual awaitable<> check() = 0;
  // What is left for this process on the disk that uploads are written to.
  virtual awaitable<std::uint64_t> free_bytes() = 0;
};

}  // namespace fechatter::file
