#include "tests/power/file_bytes.hpp"

#include <gmock/gmock.h>

#include <functional>

namespace fechatter::power {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::IsSupersetOf;
using testing::UnorderedElementsAre;

constexpr std::size_t page = FileBytes::page;

std::string pages(std::size_t count, char letter) {
  return std::string(count * page, letter);
}

// What cuts with many seeds leave of the file.
std::set<std::string> left_by_cuts(const FileBytes& file) {
  std::set<std::string> left;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    auto copy = file;
    chaos::Dice dice{seed};
    copy.cut(&dice);
    EXPECT_EQ(copy.now(), copy.on_disk());
    left.insert(copy.now());
  }
  return left;
}

FileBytes synced(const std::string& bytes) {
  FileBytes file;
  file.write(0, bytes);
  file.sync();
  return file;
}

TEST(FileBytes, ACutWithoutASeedForgetsAllThatIsNotSynced) {
  auto file = synced("old");
  file.write(1, "new and longer");
  EXPECT_EQ(file.now(), "onew and longer");
  file.cut(nullptr);
  EXPECT_EQ(file.now(), "old");
}

TEST(FileBytes, NothingThatIsSyncedIsForgotten) {
  FileBytes file;
  file.write(0, pages(3, 'a'));
  file.resize(page + 5);
  file.write(2 * page, "b");
  file.sync();
  EXPECT_THAT(left_by_cuts(file), UnorderedElementsAre(file.now()));
}

TEST(FileBytes, WhatIsNotSyncedSurvivesByPages) {
  FileBytes file;
  file.write(0, pages(1, 'a') + pages(1, 'b'));
  EXPECT_THAT(left_by_cuts(file),
              UnorderedElementsAre("", pages(1, 'a'), pages(1, '\0') + pages(1, 'b'),
                                   pages(1, 'a') + pages(1, 'b')));
}

TEST(FileBytes, APageIsTornBetweenSectors) {
  auto file = synced(pages(1, 'a'));
  file.write(0, pages(1, 'b'));
  const auto left = left_by_cuts(file);
  EXPECT_GT(left.size(), 10U);
  for (const auto& bytes : left) {
    for (std::size_t at = 0; at < page; at += FileBytes::sector) {
      const auto sector = bytes.substr(at, FileBytes::sector);
      EXPECT_EQ(sector, std::string(FileBytes::sector, sector[0]));
    }
  }
}

TEST(FileBytes, AnAppendedPartSurvivesWithItsSizeOrNotAtAll) {
  auto file = synced("12345");
  file.write(5, "678");
  EXPECT_THAT(left_by_cuts(file), UnorderedElementsAre("12345", "12345678"));
}

// A file that is emptied and written again is never a mixture of both.
TEST(FileBytes, WhatFollowsATruncationIsNotThereWithoutIt) {
  auto file = synced(pages(2, 'a'));
  file.resize(0);
  file.write(0, pages(1, 'b'));
  EXPECT_THAT(left_by_cuts(file), UnorderedElementsAre(pages(2, 'a'), "", pages(1, 'b')));
}

TEST(FileBytes, WhatATruncationCutOffStaysZero) {
  auto file = synced(pages(2, 'a'));
  file.resize(10);
  file.resize(2 * page);
  file.sync();
  EXPECT_EQ(file.on_disk(), std::string(10, 'a') + std::string(2 * page - 10, '\0'));
}

TEST(FileBytes, TheKernelMayWriteAnEarlierVersionBack) {
  FileBytes file;
  file.write(0, "early");
  chaos::Dice dice{1};
  file.write_back(dice);
  file.write(0, "later");
  file.cut(nullptr);
  EXPECT_EQ(file.now(), "early");
}

}  // namespace
}  // namespace fechatter::power
