#include "fechatter_core/file/disk_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <fstream>

#include "tests/core/file/disk_fixture.hpp"

namespace fechatter::file {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::size_t kibibyte = 1024;

TEST_F(DiskStoreTest, AFileIsReadBackWithTheHashTheSizeAndTheHeadOfItsContent) {
  for (const std::size_t size : {0UL, 1UL, 8192UL, 8193UL, 256 * kibibyte - 1, 256 * kibibyte,
                                 256 * kibibyte + 1, 1'000'003UL}) {
    const auto content = content_of(size);
    const auto writer = create();
    for (std::size_t at = 0; at < size; at += 10'007) {
      write(*writer, std::string_view{content}.substr(at, 10'007));
    }
    const auto written = finish(*writer);
    EXPECT_EQ(written.hash, hash_of_content(content));
    EXPECT_EQ(written.size, size);
    EXPECT_EQ(written.head, content.substr(0, FileWriter::head_bytes_max));
    keep(*writer, key_of(content));
    EXPECT_EQ(download(key_of(content)), content) << size;
  }
}

TEST_F(DiskStoreTest, AFileLiesInFoldersOfItsWorkspaceAndItsHashForTheServerAlone) {
  const auto key = upload("hello", 42);
  EXPECT_EQ(
      path_of(key),
      root + "/42/2cf/24d/2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824.bin");
  EXPECT_EQ(test::read_file(path_of(key)), "hello");
  EXPECT_EQ(fs::status(path_of(key)).permissions(), fs::perms{0600});
  EXPECT_EQ(fs::status(root + "/42/2cf").permissions(), fs::perms{0700});
}

TEST_F(DiskStoreTest, AnUploadThatIsCutLeavesNothing) {
  for (const std::size_t size : {0UL, 1UL, 300 * kibibyte}) {
    for (const bool whole : {false, true}) {
      auto writer = create();
      EXPECT_THAT(temporary_files(), SizeIs(1));
      write(*writer, content_of(size));
      if (whole) finish(*writer);
      writer.reset();
      EXPECT_TRUE(test::eventually([&] { return temporary_files().empty(); })) << size;
    }
  }
  EXPECT_THAT(list(), IsEmpty());
}

TEST_F(DiskStoreTest, UploadsThatAreCutByTheEndOfTheServerLeaveNothing) {
  std::vector<std::unique_ptr<FileWriter>> writers;
  for (int i = 0; i < 20; ++i) writers.push_back(create());
  writers.clear();
  stop_store();
  EXPECT_THAT(temporary_files(), IsEmpty());
}

TEST_F(DiskStoreTest, AFileThatIsKeptHasNoTemporaryName) {
  const auto key = upload("hello");
  EXPECT_THAT(temporary_files(), IsEmpty());
  EXPECT_EQ(fs::hard_link_count(path_of(key)), 1);
}

TEST_F(DiskStoreTest, AFileIsNotThereBeforeItIsKept) {
  const auto writer = create();
  write(*writer, "hello");
  finish(*writer);
  EXPECT_EQ(open(key_of("hello")), nullptr);
  keep(*writer, key_of("hello"));
  EXPECT_NE(open(key_of("hello")), nullptr);
}

TEST_F(DiskStoreTest, TwoUploadsOfTheSameContentAreOneFileThatIsNotWrittenAgain) {
  const auto content = content_of(300 * kibibyte);
  const auto key = upload(content);
  struct stat first {};
  ASSERT_EQ(stat(path_of(key).c_str(), &first), 0);
  fs::last_write_time(path_of(key), fs::file_time_type::clock::now() - std::chrono::hours{48});
  const auto before = list().at(0).kept_at;
  EXPECT_EQ(upload(content), key);
  struct stat second {};
  ASSERT_EQ(stat(path_of(key).c_str(), &second), 0);
  EXPECT_EQ(first.st_ino, second.st_ino);
  EXPECT_GT(list().at(0).kept_at, before + std::chrono::hours{47});
  EXPECT_THAT(list(), SizeIs(1));
  EXPECT_THAT(temporary_files(), IsEmpty());
}

TEST_F(DiskStoreTest, UploadsOfTheSameContentAtOnceAreAllKeptAsOneFile) {
  threads = 8;
  const auto content = content_of(100 * kibibyte);
  const auto key = key_of(content);
  std::vector<std::unique_ptr<FileWriter>> writers;
  for (int i = 0; i < 32; ++i) {
    writers.push_back(create());
    write(*writers.back(), content);
    finish(*writers.back());
  }
  int kept = 0;
  for (const auto& writer : writers) {
    const Executor strand{io.get_executor()};
    asio::co_spawn(strand, writer->keep(key), [&](std::exception_ptr error) { kept += !error; });
  }
  io.restart();
  io.run();
  EXPECT_EQ(kept, 32);
  EXPECT_EQ(download(key), content);
  EXPECT_EQ(fs::hard_link_count(path_of(key)), 1);
  EXPECT_THAT(list(), SizeIs(1));
  EXPECT_THAT(temporary_files(), IsEmpty());
}

TEST_F(DiskStoreTest, TheSameContentInTwoWorkspacesIsTwoFiles) {
  const auto one = upload("hello", 1);
  const auto two = upload("hello", 2);
  EXPECT_TRUE(remove(one));
  EXPECT_EQ(open(one), nullptr);
  EXPECT_EQ(download(two), "hello");
}

TEST_F(DiskStoreTest, AFileThatWasDamagedIsReplacedByANewUploadOfItsContent) {
  const auto content = content_of(300 * kibibyte);
  const auto key = upload(content);
  fs::resize_file(path_of(key), 1000);
  upload(content);
  EXPECT_EQ(download(key), content);
  EXPECT_THAT(temporary_files(), IsEmpty());
}

TEST_F(DiskStoreTest, AFileIsRemovedOnce) {
  const auto key = upload("hello");
  EXPECT_TRUE(remove(key));
  EXPECT_FALSE(remove(key));
  EXPECT_EQ(open(key), nullptr);
  EXPECT_EQ(upload("hello"), key);
  EXPECT_EQ(download(key), "hello");
}

TEST_F(DiskStoreTest, AReaderGetsTheWholeFileAlthoughItIsRemovedMeanwhile) {
  const auto content = content_of(500 * kibibyte);
  const auto source = open(upload(content));
  EXPECT_EQ(read(*source, 0, 10), content.substr(0, 10));
  remove(key_of(content));
  EXPECT_EQ(read_whole(*source), content);
}

TEST_F(DiskStoreTest, APartOfAFileIsReadInPiecesOf256KiBAtMost) {
  const auto content = content_of(600 * kibibyte);
  const auto source = open(upload(content));
  EXPECT_EQ(source->size(), content.size());
  EXPECT_EQ(read(*source, 100'000, 7), content.substr(100'000, 7));
  EXPECT_EQ(read(*source, content.size() - 3, 10), content.substr(content.size() - 3));
  EXPECT_EQ(read(*source, content.size(), 10), "");
  EXPECT_EQ(read(*source, content.size() + 1, 10), "");
  const auto large = read(*source, 0, 600 * kibibyte);
  EXPECT_FALSE(large.empty());
  EXPECT_LE(large.size(), 256 * kibibyte);
  EXPECT_EQ(large, content.substr(0, large.size()));
}

TEST_F(DiskStoreTest, AFileThatTheKernelDoesNotHaveInMemoryIsReadFromTheDisk) {
  const auto content = content_of(2000 * kibibyte);
  const auto key = upload(content);
  const auto file = ::open(path_of(key).c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED), 0);
  close(file);
  EXPECT_EQ(download(key), content);
}

bool is_in_memory(int file, std::uint64_t offset) {
  char byte = 0;
  const iovec target{&byte, 1};
  return preadv2(file, &target, 1, static_cast<off64_t>(offset), RWF_NOWAIT) == 1;
}

TEST_F(DiskStoreTest, WhatIsLoadedIsInMemoryAMebibyteAtMostUpToTheEnd) {
  const auto size = 2500 * kibibyte;
  const auto key = upload(content_of(size));
  const auto source = open(key);
  for (const bool evicted : {true, false}) {
    if (evicted) posix_fadvise(source->descriptor(), 0, 0, POSIX_FADV_DONTNEED);
    for (std::uint64_t offset = 0; offset < size; offset += 1024 * kibibyte) {
      const auto loaded = load(*source, offset, size);
      EXPECT_EQ(loaded, std::min<std::uint64_t>(1024 * kibibyte, size - offset));
      for (auto page = offset; page < offset + loaded; page += 4096) {
        ASSERT_TRUE(is_in_memory(source->descriptor(), page)) << page;
      }
    }
  }
  EXPECT_EQ(load(*source, 10, 7), 7U);
  EXPECT_EQ(load(*source, size, 10), 0U);
  EXPECT_EQ(load(*source, size + 1, 10), 0U);
}

int open_descriptors() {
  const fs::directory_iterator descriptors{"/proc/self/fd"};
  return static_cast<int>(std::distance(fs::begin(descriptors), fs::end(descriptors)));
}

TEST_F(DiskStoreTest, ASlowReaderHoldsADescriptorAndNoThread) {
  threads = 1;
  const auto content = content_of(500 * kibibyte);
  const auto key = upload(content);
  const auto before = open_descriptors();
  std::vector<std::unique_ptr<http::BodySource>> readers;
  for (int i = 0; i < 50; ++i) {
    readers.push_back(open(key));
    EXPECT_EQ(read(*readers.back(), 0, 1), content.substr(0, 1));
  }
  EXPECT_EQ(open_descriptors(), before + 50);
  EXPECT_TRUE(test::eventually([&] { return store().busy() == 0; }));
  EXPECT_EQ(download(upload("another upload")), "another upload");
  EXPECT_EQ(read_whole(*readers.front()), content);
  readers.clear();
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(DiskStoreTest, WhatAKilledServerLeftIsRemovedAtTheNextStartAfterADay) {
  store();
  stop_store();
  const auto leave = [&](const std::string& name, int age_in_minutes) {
    const auto path = root + "/tmp/" + name;
    std::ofstream{path} << "half an upload";
    fs::last_write_time(path,
                        fs::file_time_type::clock::now() - std::chrono::minutes{age_in_minutes});
  };
  leave("old", 24 * 60 + 1);
  leave("young", 24 * 60 - 1);
  store();
  EXPECT_THAT(temporary_files(), testing::ElementsAre("young"));
  leave("old", 24 * 60 + 1);
  EXPECT_EQ(test::await(io, store().sweep()), 1U);
  EXPECT_THAT(temporary_files(), testing::ElementsAre("young"));
}

TEST_F(DiskStoreTest, AStoreWhoseFolderIsGoneIsUnavailableAndNotEmpty) {
  const auto key = upload("hello");
  fs::rename(root, root + ".away");
  EXPECT_EQ(download(key), "hello") << "the store holds its folder";
  fs::remove_all(root + ".away");
  EXPECT_EQ(refusal_of([&] { create(); }), ErrorCode::storage_unavailable);
  EXPECT_EQ(refusal_of([&] { open(key); }), ErrorCode::storage_unavailable);
  EXPECT_EQ(refusal_of([&] { remove(key); }), ErrorCode::storage_unavailable);
}

TEST_F(DiskStoreTest, AFolderThatCannotBeUsedStopsTheStartAndIsNamed) {
  std::ofstream{root} << "a file";
  try {
    store();
    FAIL() << "the store has started";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr(root));
  }
}

TEST_F(DiskStoreTest, AnUploadIsKeptUnderItsOwnHashOnly) {
  const auto writer = create();
  EXPECT_THROW(keep(*writer, key_of("hello")), std::logic_error);
  write(*writer, "hello");
  finish(*writer);
  EXPECT_THROW(keep(*writer, key_of("goodbye")), std::logic_error);
  EXPECT_THROW(write(*writer, "more"), std::logic_error);
  keep(*writer, key_of("hello"));
  EXPECT_EQ(download(key_of("hello")), "hello");
}

}  // namespace
}  // namespace fechatter::file
