#include <sys/stat.h>

#include <fstream>

#include "tests/core/file/disk_fixture.hpp"

// What was put into the store's folder by another hand, and keys that are none.
namespace fechatter::file {
namespace {

namespace fs = std::filesystem;

class DiskStoreIntruders : public DiskStoreTest {
 protected:
  DiskStoreIntruders() {
    fs::create_directories(outside);
    std::ofstream{secret} << "secret";
  }

  const FileKey hello = key_of("hello");
  const std::string outside = scratch.path("outside");
  const std::string secret = outside + "/secret";
};

TEST_F(DiskStoreIntruders, ASymbolicLinkInPlaceOfAFileIsNoFile) {
  upload("hello");
  fs::remove(path_of(hello));
  fs::create_symlink(secret, path_of(hello));
  EXPECT_EQ(open(hello), nullptr);
  EXPECT_THAT(list(), testing::IsEmpty());
}

TEST_F(DiskStoreIntruders, AnUploadReplacesASymbolicLinkAndLeavesItsTargetAlone) {
  upload("hello");
  fs::remove(path_of(hello));
  fs::create_symlink(secret, path_of(hello));
  upload("hello");
  EXPECT_EQ(download(hello), "hello");
  EXPECT_FALSE(fs::is_symlink(path_of(hello)));
  EXPECT_EQ(test::read_file(secret), "secret");
}

TEST_F(DiskStoreIntruders, ASymbolicLinkInPlaceOfAFolderIsNotFollowed) {
  upload("hello", 2);
  for (const auto* level : {"/1", "/1/2cf", "/1/2cf/24d"}) {
    // The link leads to a folder in which the path would go on to a file.
    const auto target = outside + "/" + fs::path{level}.filename().string();
    const auto rest = path_of(hello).substr((root + level).size());
    fs::create_directories(fs::path{target + rest}.parent_path());
    std::ofstream{target + rest} << "secret";
    fs::create_directories(fs::path{root + level}.parent_path());
    fs::create_directory_symlink(target, root + level);
    ASSERT_EQ(test::read_file(path_of(hello)), "secret") << level;

    EXPECT_EQ(open(hello), nullptr) << level;
    EXPECT_FALSE(remove(hello)) << level;
    EXPECT_EQ(refusal_of([&] { upload("hello"); }), ErrorCode::storage_unavailable) << level;
    EXPECT_THAT(list(), testing::SizeIs(1)) << level;
    EXPECT_EQ(test::read_file(target + rest), "secret") << level;
    fs::remove_all(root + "/1");
    fs::remove_all(target);
  }
  EXPECT_TRUE(test::eventually([&] { return temporary_files().empty(); }));
}

TEST_F(DiskStoreIntruders, APipeInPlaceOfAFileHoldsNoThreadAndIsNoFile) {
  upload("hello");
  fs::remove(path_of(hello));
  ASSERT_EQ(mkfifo(path_of(hello).c_str(), 0600), 0);
  EXPECT_EQ(open(hello), nullptr);
}

TEST_F(DiskStoreIntruders, AFolderInPlaceOfAFileIsNoFileAndIsNotReplaced) {
  upload("hello");
  fs::remove(path_of(hello));
  fs::create_directory(path_of(hello));
  EXPECT_EQ(open(hello), nullptr);
  EXPECT_EQ(refusal_of([&] { upload("hello"); }), ErrorCode::storage_unavailable);
}

TEST_F(DiskStoreIntruders, AKeyThatIsNoneTouchesNoFile) {
  const auto content = std::string{"hello"};
  const auto hash = hash_of_content(content);
  const FileKey none[] = {
      {WorkspaceId{0}, hash, "bin"},
      {WorkspaceId{-1}, hash, "bin"},
      {WorkspaceId{1}, "", "bin"},
      {WorkspaceId{1}, "../../outside/secret", "bin"},
      {WorkspaceId{1}, std::string(61, '/') + "../", "bin"},
      {WorkspaceId{1}, hash.substr(1), "bin"},
      {WorkspaceId{1}, hash + "0", "bin"},
      {WorkspaceId{1}, "A" + hash.substr(1), "bin"},
      {WorkspaceId{1}, hash, ""},
      {WorkspaceId{1}, hash, "BIN"},
      {WorkspaceId{1}, hash, "a/b"},
      {WorkspaceId{1}, hash, ".."},
      {WorkspaceId{1}, hash, "ninechars"},
      {WorkspaceId{1}, hash, std::string{"b\0n", 3}},
  };
  for (const auto& key : none) {
    EXPECT_THROW(open(key), std::invalid_argument) << key.hash << " " << key.extension;
    EXPECT_THROW(remove(key), std::invalid_argument) << key.hash << " " << key.extension;
  }
  const auto writer = create();
  write(*writer, content);
  finish(*writer);
  EXPECT_THROW(keep(*writer, {WorkspaceId{1}, hash, ".."}), std::invalid_argument);
}

}  // namespace
}  // namespace fechatter::file
