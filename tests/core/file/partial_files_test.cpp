#include "fechatter_core/file/partial_files.hpp"

#include <fstream>

#include "tests/core/file/disk_fixture.hpp"

// What has come of uploads in chunks.
namespace fechatter::file {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class PartialFilesTest : public testing::Test {
 protected:
  std::unique_ptr<PartialFile> open(const std::string& name) {
    return test::await(io, partial.open(name));
  }
  template <class T>
  T wait(awaitable<T> work) {
    return test::await(io, std::move(work));
  }
  void wait(awaitable<> work) {
    const auto then_true = [](awaitable<> inner) -> awaitable<bool> {
      co_await std::move(inner);
      co_return true;
    };
    test::await(io, then_true(std::move(work)));
  }
  std::string content(PartialFile& file) {
    std::string bytes(file.size().value() + 1, '\0');
    bytes.resize(wait(file.read(0, bytes.data(), bytes.size())));
    return bytes;
  }
  void store(const std::string& name, std::string_view bytes) {
    const auto file = open(name);
    wait(file->write(bytes));
    wait(file->sync());
  }
  std::string path_of(const std::string& name) const { return root + "/partial/" + name; }

  test::ScratchFolder scratch;
  std::string root = scratch.path("files");
  asio::io_context io;
  PartialFiles partial{{root, 1}};
};

TEST_F(PartialFilesTest, BytesAreAddedAtTheEnd) {
  store("a", "hello ");
  const auto file = open("a");
  EXPECT_EQ(file->size(), 6U);
  wait(file->write("world"));
  EXPECT_EQ(file->size(), 11U);
  wait(file->sync());
  EXPECT_EQ(content(*file), "hello world");
}

TEST_F(PartialFilesTest, LargePiecesAreWrittenWhole) {
  const auto bytes = content_of(PartialFile::job_bytes_min * 3 + 7);
  const auto file = open("a");
  for (std::size_t at = 0; at < bytes.size(); at += 100'000) {
    wait(file->write(std::string_view{bytes}.substr(at, 100'000)));
  }
  wait(file->sync());
  EXPECT_TRUE(content(*file) == bytes);
}

TEST_F(PartialFilesTest, WhatIsBehindACutIsGone) {
  store("a", "hello world");
  const auto file = open("a");
  wait(file->write("in memory"));
  EXPECT_TRUE(wait(file->cut(5)));
  wait(file->write("!"));
  wait(file->sync());
  EXPECT_EQ(content(*file), "hello!");
  EXPECT_FALSE(wait(file->cut(7)));
}

TEST_F(PartialFilesTest, OneHolderAtATime) {
  auto file = open("a");
  EXPECT_EQ(open("a"), nullptr);
  PartialFiles of_another_instance{{root, 1}};
  EXPECT_EQ(wait(of_another_instance.open("a")), nullptr);
  EXPECT_NE(open("b"), nullptr);
  file.reset();
  EXPECT_NE(open("a"), nullptr);
}

TEST_F(PartialFilesTest, ARemovedFileIsGoneAndItsNameIsFree) {
  store("a", "hello");
  auto file = open("a");
  wait(file->remove());
  EXPECT_FALSE(std::filesystem::exists(path_of("a")));
  const auto next = open("a");
  ASSERT_NE(next, nullptr);
  EXPECT_EQ(next->size(), 0U);
}

TEST_F(PartialFilesTest, OldFilesAreListed) {
  store("old", "x");
  store("new", "x");
  std::filesystem::create_directory(path_of("folder"));
  const auto now = std::filesystem::file_time_type::clock::now();
  std::filesystem::last_write_time(path_of("old"), now - 2h);
  std::filesystem::last_write_time(path_of("folder"), now - 2h);
  EXPECT_THAT(wait(partial.list(1h, 10)), ElementsAre("old"));
  EXPECT_THAT(wait(partial.list(3h, 10)), IsEmpty());
  EXPECT_THAT(wait(partial.list(0s, 1)), ElementsAre("new"));
}

TEST_F(PartialFilesTest, ALinkIsNotFollowed) {
  const auto outside = scratch.path("outside");
  std::ofstream{outside} << "secret";
  std::filesystem::create_symlink(outside, path_of("a"));
  EXPECT_EQ(refusal_of([&] { open("a"); }), ErrorCode::storage_unavailable);
  EXPECT_EQ(test::read_file(outside), "secret");
}

}  // namespace
}  // namespace fechatter::file
