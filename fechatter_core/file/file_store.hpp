#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "fechatter_core/async.hpp"
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

// Where the bytes of files are. Any thread. Throws storage_unavailable (503) when the store cannot
// be reached.
class FileStore {
 public:
  virtual ~FileStore() = default;

  virtual awaitable<std::unique_ptr<FileWriter>> create() = 0;
  // Null when there is no such file. The source holds a descriptor and no thread.
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
};

}  // namespace fechatter::file
