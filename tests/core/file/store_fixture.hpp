#pragma once

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/file/disk_store.hpp"
#include "tests/core/file/bucket_fixture.hpp"
#include "tests/support/await.hpp"
#include "tests/support/process.hpp"

namespace fechatter::file {

inline FileKey key_of_content(std::string_view content, std::int64_t workspace = 1) {
  return {WorkspaceId{workspace}, auth::to_bytea(auth::sha256(content)).substr(2), "bin"};
}

// Bytes that do not repeat at a power of two.
inline std::string varied_content(std::size_t size) {
  std::string content(size, '\0');
  for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * i % 251);
  return content;
}

// The refusal's code and text; `count` when there is none.
struct Refusal {
  ErrorCode code = ErrorCode::count;
  std::string text;
};
template <class F>
Refusal refused(F call) {
  try {
    call();
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
  return {};
}

// The steps of a store, each to its end on this thread. `callers_io` outlives the store.
class StoreSteps {
 public:
  StoreSteps(asio::io_context& callers_io, FileStore& store) : io{callers_io}, store_{store} {}

  std::unique_ptr<FileWriter> create() { return test::await(io, store_.create()); }
  void write(FileWriter& writer, std::string_view piece) {
    test::await(io, then_true(writer.write(piece)));
  }
  WrittenFile finish(FileWriter& writer) { return test::await(io, writer.finish()); }
  void keep(FileWriter& writer, const FileKey& key) {
    test::await(io, then_true(writer.keep(key)));
  }
  // An upload that is whole, and has no place yet.
  std::unique_ptr<FileWriter> written(std::string_view content) {
    auto writer = create();
    write(*writer, content);
    finish(*writer);
    return writer;
  }
  FileKey upload(std::string_view content, std::int64_t workspace = 1) {
    const auto writer = written(content);
    const auto key = key_of_content(content, workspace);
    keep(*writer, key);
    return key;
  }
  std::unique_ptr<http::BodySource> open(const FileKey& key) {
    return test::await(io, store_.open(key));
  }
  std::string read(http::BodySource& source, std::uint64_t offset, std::size_t count) {
    std::string bytes(count, '\0');
    bytes.resize(test::await(io, source.read(offset, bytes.data(), count)));
    return bytes;
  }
  std::string read_whole(http::BodySource& source) {
    std::string content;
    for (;;) {
      const auto piece = read(source, content.size(), 64 * 1024);
      if (piece.empty()) return content;
      content += piece;
    }
  }
  // The content, or that there is no such file.
  std::string download(const FileKey& key) {
    const auto source = open(key);
    return source == nullptr ? "no such file" : read_whole(*source);
  }
  bool remove(const FileKey& key) { return test::await(io, store_.remove(key)); }
  std::vector<StoredFile> list(std::optional<FileKey> after = {}, std::size_t count = 1000) {
    return test::await(io, store_.list(std::move(after), count));
  }
  void keep_thumbnail(const FileKey& key, Thumbnail thumbnail, const std::string& bytes) {
    test::await(io, then_true(store_.keep_thumbnail(key, thumbnail, bytes)));
  }
  // The content, or that there is no such thumbnail.
  std::string thumbnail(const FileKey& key, Thumbnail thumbnail) {
    const auto source = test::await(io, store_.open_thumbnail(key, thumbnail));
    return source == nullptr ? "no such thumbnail" : read_whole(*source);
  }
  std::size_t sweep() { return test::await(io, store_.sweep()); }
  void check() { test::await(io, then_true(store_.check())); }
  std::uint64_t free_bytes() { return test::await(io, store_.free_bytes()); }

  static awaitable<bool> then_true(awaitable<> work) {
    co_await std::move(work);
    co_return true;
  }

  asio::io_context& io;

 private:
  FileStore& store_;
};

// A place for a store, and what can be done to it from outside.
class DiskPlaceForTests {
 public:
  static bool is_there() { return true; }
  std::unique_ptr<FileStore> make_store() {
    return std::make_unique<DiskStore>(DiskStoreSettings{root, 2, 1000});
  }
  std::size_t count() const {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{root}) {
      files += entry.is_regular_file();
    }
    return files;
  }
  // A file of another size takes the place of this one, as after a damage.
  void damage(const FileKey& key) { std::ofstream{root + '/' + path_of(key)} << "damaged"; }
  void plant(const std::string& name) {
    const auto path = std::filesystem::path{root + '/' + name};
    std::filesystem::create_directories(path.parent_path());
    std::ofstream{path} << "planted";
  }
  static std::string path_of(const FileKey& key) {
    return std::to_string(key.workspace.value) + '/' + key.hash.substr(0, 3) + '/' +
           key.hash.substr(3, 3) + '/' + key.hash + '.' + key.extension;
  }

 private:
  test::ScratchFolder scratch;
  std::string root = scratch.path("files");
};

class BucketPlaceForTests {
 public:
  static bool is_there() { return test::find_moto().has_value(); }
  std::unique_ptr<FileStore> make_store() {
    return std::make_unique<S3Store>(bucket.settings, DiskStoreSettings{root, 2, 1000});
  }
  // Those that are being sent, too.
  std::size_t count() {
    std::size_t files = bucket.objects().size();
    for (const auto& entry : std::filesystem::directory_iterator{root + "/tmp"}) {
      files += entry.is_regular_file();
    }
    return files;
  }
  void damage(const FileKey& key) {
    bucket.put("files/" + DiskPlaceForTests::path_of(key), "damaged");
  }
  void plant(const std::string& name) { bucket.put("files/" + name, "planted"); }

  TestBucket bucket{*test::find_moto()};

 private:
  test::ScratchFolder scratch;
  std::string root = scratch.path("files");
};

}  // namespace fechatter::file
