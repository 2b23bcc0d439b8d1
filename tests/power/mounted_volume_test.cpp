#include "tests/power/mounted_volume.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "tests/support/process.hpp"

namespace fechatter::power {
namespace {

namespace fs = std::filesystem;

// Through the kernel, by the calls that programs use.
class MountedVolumeTest : public testing::Test {
 protected:
  void SetUp() override {
    volume = MountedVolume::make(seed_that_writes_nothing_back);
    if (volume) return;
    std::fputs("SKIPPED: power cuts need root, /dev/fuse, libfuse3 and the right to mount\n",
               stderr);
    GTEST_SKIP();
  }

  std::string path(const std::string& name) const { return volume->path() + "/" + name; }
  int open_file(const std::string& name, int flags) const {
    const int file = open(path(name).c_str(), flags | O_CLOEXEC, 0600);
    EXPECT_GE(file, 0) << name;
    return file;
  }
  void write_file(const std::string& name, std::string_view bytes, int flags = 0,
                  int (*sync)(int) = nullptr) const {
    const int file = open_file(name, O_WRONLY | O_CREAT | flags);
    EXPECT_EQ(::write(file, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    EXPECT_TRUE(sync == nullptr || sync(file) == 0);
    close(file);
  }
  void sync_folder(const std::string& name) const {
    const int folder = open_file(name, O_RDONLY | O_DIRECTORY);
    EXPECT_EQ(fsync(folder), 0);
    close(folder);
  }
  void cut() const {
    volume->cut_power();
    volume->restore_power({});
  }
  // "absent" without one.
  std::string content(const std::string& name) const {
    return fs::exists(path(name)) ? test::read_file(path(name)) : "absent";
  }

  // So few calls are in a test that it reaches no chance of that.
  static constexpr std::uint64_t seed_that_writes_nothing_back = 7;
  std::unique_ptr<MountedVolume> volume;
};

TEST_F(MountedVolumeTest, WhatIsNotSyncedIsGone) {
  write_file("kept", "1", 0, fsync);
  write_file("kept", "2");
  write_file("new", "1");
  EXPECT_EQ(content("kept"), "2");
  cut();
  EXPECT_EQ(content("kept"), "1");
  EXPECT_EQ(content("new"), "absent");
}

TEST_F(MountedVolumeTest, WhatIsSyncedIsThere) {
  write_file("a", "1", 0, fsync);
  write_file("b", "2", 0, fdatasync);
  write_file("c", "3", O_SYNC);
  write_file("d", "4", O_DSYNC);
  cut();
  EXPECT_EQ(content("a") + content("b") + content("c") + content("d"), "1234");
}

TEST_F(MountedVolumeTest, ARangeThatIsSyncedIsGoneAsItMayBe) {
  write_file("a", "1", 0, [](int file) {
    return sync_file_range(
        file, 0, 0,
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
  });
  sync_folder("");
  cut();
  EXPECT_EQ(content("a"), "");
}

TEST_F(MountedVolumeTest, NamesAreKeptByASyncOfTheirFolder) {
  fs::create_directory(path("f"));
  sync_folder("");
  write_file("f/a", "1", 0, fsync);
  fs::rename(path("f/a"), path("f/b"));
  cut();
  EXPECT_EQ(content("f/a"), "1");
  fs::rename(path("f/a"), path("f/b"));
  sync_folder("f");
  cut();
  EXPECT_EQ(content("f/b"), "1");
  EXPECT_EQ(content("f/a"), "absent");
  fs::remove(path("f/b"));
  cut();
  EXPECT_EQ(content("f/b"), "1");
}

TEST_F(MountedVolumeTest, TruncationsAreForgotten) {
  write_file("a", "12345678", 0, fsync);
  fs::resize_file(path("a"), 3);
  EXPECT_EQ(content("a"), "123");
  cut();
  EXPECT_EQ(content("a"), "12345678");
  write_file("a", "new", O_TRUNC, fsync);
  cut();
  EXPECT_EQ(content("a"), "new");
}

TEST_F(MountedVolumeTest, AnUnlinkedFileLivesWhileItIsOpen) {
  const int file = open_file("a", O_RDWR | O_CREAT);
  fs::remove(path("a"));
  EXPECT_EQ(content("a"), "absent");
  EXPECT_EQ(pwrite(file, "123", 3, 0), 3);
  EXPECT_EQ(ftruncate(file, 2), 0);
  struct stat attributes {};
  EXPECT_EQ(fstat(file, &attributes), 0);
  EXPECT_EQ(attributes.st_size, 2);
  EXPECT_EQ(attributes.st_nlink, 0U);
  char bytes[4] = {};
  EXPECT_EQ(pread(file, bytes, 3, 0), 2);
  EXPECT_STREQ(bytes, "12");
  close(file);
}

TEST_F(MountedVolumeTest, FilesHaveLinksModesAndOwners) {
  write_file("a", "1", 0, fsync);
  fs::create_hard_link(path("a"), path("b"));
  fs::create_symlink("b", path("c"));
  EXPECT_EQ(content("c"), "1");
  EXPECT_EQ(fs::hard_link_count(path("a")), 2U);
  fs::permissions(path("a"), fs::perms::owner_read);
  EXPECT_EQ(chown(path("b").c_str(), 7, 8), 0);
  struct stat attributes {};
  EXPECT_EQ(stat(path("c").c_str(), &attributes), 0);
  EXPECT_EQ(attributes.st_mode & 07777U, 0400U);
  EXPECT_EQ(attributes.st_uid, 7U);
  EXPECT_EQ(attributes.st_gid, 8U);
  const int file = open_file("a", O_RDWR);
  EXPECT_EQ(posix_fallocate(file, 0, 5), 0);
  close(file);
  EXPECT_EQ(fs::file_size(path("b")), 5U);
}

TEST_F(MountedVolumeTest, ProgramsEndWithThePower) {
  const test::ScratchFolder elsewhere;
  test::Process program{{"sh", "-c", "cd " + volume->path() + " && echo up >&2 && exec sleep 60"},
                        elsewhere.path("log")};
  ASSERT_TRUE(test::eventually([&] { return !processes_below(volume->path()).empty(); }));
  volume->cut_power();
  EXPECT_EQ(program.wait(), 128 + SIGKILL);
  EXPECT_LT(open(path("a").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600), 0);
  volume->restore_power({});
  write_file("a", "1", 0, fsync);
  EXPECT_EQ(content("a"), "1");
}

TEST_F(MountedVolumeTest, AnotherUserHasAFolder) {
  fs::create_directory(path("f"));
  EXPECT_EQ(chown(path("f").c_str(), 65534, 65534), 0);
  test::run({"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "sh", "-c",
             "echo 1 >" + path("f/a") + " && sync " + path("f/a")});
  cut();
  EXPECT_EQ(content("f/a"), "1\n");
}

}  // namespace
}  // namespace fechatter::power
