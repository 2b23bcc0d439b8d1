#pragma once

#include <gmock/gmock.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_core/file/disk_store.hpp"
#include "tests/support/await.hpp"
#include "tests/support/process.hpp"

namespace fechatter::file {

inline std::string hash_of_content(std::string_view content) {
  return auth::to_bytea(auth::sha256(content)).substr(2);
}

inline FileKey key_of(std::string_view content, std::int64_t workspace = 1) {
  return {WorkspaceId{workspace}, hash_of_content(content), "bin"};
}

// Bytes that do not repeat at a power of two.
inline std::string content_of(std::size_t size) {
  std::string content(size, '\0');
  for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * i % 251);
  return content;
}

// The code of the refusal; `count` when there is none.
template <class F>
ErrorCode refusal_of(F call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::count;
}

// A real store in a scratch folder, step by step on this thread.
class DiskStoreTest : public testing::Test {
 protected:
  using Names = std::vector<std::string>;

  std::unique_ptr<FileWriter> create() { return test::await(io, store().create()); }
  void write(FileWriter& writer, std::string_view piece) {
    test::await(io, then_true(writer.write(piece)));
  }
  WrittenFile finish(FileWriter& writer) { return test::await(io, writer.finish()); }
  void keep(FileWriter& writer, const FileKey& key) {
    test::await(io, then_true(writer.keep(key)));
  }
  FileKey upload(std::string_view content, std::int64_t workspace = 1) {
    const auto writer = create();
    write(*writer, content);
    const auto written = finish(*writer);
    const FileKey key{WorkspaceId{workspace}, written.hash, "bin"};
    keep(*writer, key);
    return key;
  }
  std::unique_ptr<http::BodySource> open(const FileKey& key) {
    return test::await(io, store().open(key));
  }
  std::string read(http::BodySource& source, std::uint64_t offset, std::size_t count) {
    std::string bytes(count, '\0');
    bytes.resize(test::await(io, source.read(offset, bytes.data(), count)));
    return bytes;
  }
  std::uint64_t load(http::BodySource& source, std::uint64_t offset, std::uint64_t count) {
    return test::await(io, source.load(offset, count));
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
    if (source == nullptr) return "no such file";
    EXPECT_EQ(source->size(), read_whole(*source).size());
    return read_whole(*source);
  }
  void keep_thumbnail(const FileKey& key, Thumbnail thumbnail, const std::string& bytes) {
    test::await(io, then_true(store().keep_thumbnail(key, thumbnail, bytes)));
  }
  // The content, or that there is no such thumbnail.
  std::string download_thumbnail(const FileKey& key, Thumbnail thumbnail) {
    const auto source = test::await(io, store().open_thumbnail(key, thumbnail));
    return source == nullptr ? "no such thumbnail" : read_whole(*source);
  }
  bool remove(const FileKey& key) { return test::await(io, store().remove(key)); }
  std::vector<StoredFile> list(std::optional<FileKey> after = {}, std::size_t count = 1000) {
    return test::await(io, store().list(std::move(after), count));
  }

  static awaitable<bool> then_true(awaitable<> work) {
    co_await std::move(work);
    co_return true;
  }

  std::string path_of(const FileKey& key) const {
    return root + "/" + std::to_string(key.workspace.value) + "/" + key.hash.substr(0, 3) + "/" +
           key.hash.substr(3, 3) + "/" + key.hash + "." + key.extension;
  }
  Names temporary_files() const {
    Names names;
    for (const auto& entry : std::filesystem::directory_iterator{root + "/tmp"}) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  // Made at its first use.
  DiskStore& store() {
    if (!store_) store_ = std::make_unique<DiskStore>(DiskStoreSettings{root, threads, 1000});
    return *store_;
  }
  void stop_store() { store_.reset(); }

  test::ScratchFolder scratch;
  std::string root = scratch.path("files");
  std::size_t threads = 2;
  asio::io_context io;

 private:
  std::unique_ptr<DiskStore> store_;
};

}  // namespace fechatter::file
