#include "fechatter_core/file/disk_listing.hpp"

#include <algorithm>
#include <fstream>
#include <tuple>

#include "tests/core/file/disk_fixture.hpp"

namespace fechatter::file {
namespace {

namespace fs = std::filesystem;

bool stands_before(const FileKey& left, const FileKey& right) {
  return std::tie(left.workspace, left.hash, left.extension) <
         std::tie(right.workspace, right.hash, right.extension);
}

class DiskListingTest : public DiskStoreTest {
 protected:
  // A file where an upload of the content would be, without the many syncs of one.
  FileKey plant(const std::string& content, std::int64_t workspace) const {
    const auto key = key_of(content, workspace);
    const fs::path path{path_of(key)};
    fs::create_directories(path.parent_path());
    std::ofstream{path} << content;
    return key;
  }
  // In several workspaces, whose names sort otherwise as text; in order.
  std::vector<FileKey> plant_many() const {
    std::vector<FileKey> keys;
    for (const auto workspace : {10, 2, 1}) {
      for (int i = 0; i < 20; ++i) keys.push_back(plant("file " + std::to_string(i), workspace));
    }
    std::sort(keys.begin(), keys.end(), stands_before);
    return keys;
  }
  static std::vector<FileKey> keys_of(const std::vector<StoredFile>& files) {
    std::vector<FileKey> keys;
    for (const auto& file : files) keys.push_back(file.key);
    return keys;
  }
};

TEST_F(DiskListingTest, FilesAreListedInOrderWithTheirSizesAndTimes) {
  const auto keys = plant_many();
  const auto files = list();
  EXPECT_EQ(keys_of(files), keys);
  for (const auto& file : files) {
    EXPECT_EQ(file.size, fs::file_size(path_of(file.key)));
    EXPECT_LT(std::chrono::abs(now() - file.kept_at), std::chrono::minutes{1});
  }
}

TEST_F(DiskListingTest, AListIsResumedBehindAnyFile) {
  const auto keys = plant_many();
  std::vector<FileKey> seen;
  for (auto page = list({}, 7); !page.empty(); page = list(seen.back(), 7)) {
    EXPECT_LE(page.size(), 7U);
    for (const auto& file : page) seen.push_back(file.key);
  }
  EXPECT_EQ(seen, keys);
}

TEST_F(DiskListingTest, AListIsResumedBehindAFileThatIsGone) {
  const auto keys = plant_many();
  remove(keys[30]);
  const std::vector<FileKey> rest{keys.begin() + 31, keys.end()};
  EXPECT_EQ(keys_of(list(keys[30])), rest);
}

TEST_F(DiskListingTest, FilesOfTheSameContentAndAnotherExtensionAreListedEach) {
  const auto writer = create();
  write(*writer, "hello");
  finish(*writer);
  auto text = upload("hello");
  text.extension = "txt";
  keep(*writer, text);
  EXPECT_EQ(keys_of(list()), (std::vector<FileKey>{key_of("hello"), text}));
  EXPECT_EQ(keys_of(list(key_of("hello"))), std::vector<FileKey>{text});
}

TEST_F(DiskListingTest, UploadsUnderWayAndForeignNamesAreNotListed) {
  const auto key = upload("hello");
  const auto folder = fs::path{path_of(key)}.parent_path().string();
  const auto writer = create();
  write(*writer, "half an upload");
  for (const auto* name : {"README", "notes.txt", ".bin"})
    std::ofstream{folder + "/" + name} << "foreign";
  std::ofstream{folder + "/" + hash_of_content("other") + ".bin"} << "in a folder of other digits";
  for (const auto* name : {"/lost+found", "/01", "/0", "/-1", "/1/xyz", "/1/2cf0", "/1/2cf/24D"}) {
    fs::create_directories(root + name);
  }
  std::ofstream{root + "/3"} << "a file in place of a folder";
  EXPECT_EQ(keys_of(list()), std::vector<FileKey>{key});
}

}  // namespace
}  // namespace fechatter::file
