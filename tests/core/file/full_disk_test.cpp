#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include "tests/core/file/disk_fixture.hpp"

namespace fechatter::file {
namespace {

namespace fs = std::filesystem;

// A store on a tmpfs of 2 MiB that only this process sees, so that it disappears with it.
class FullDisk : public DiskStoreTest {
 protected:
  void SetUp() override {
    fs::create_directories(root);
    const bool mounted = unshare(CLONE_NEWNS) == 0 &&
                         mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                         mount("fechatter-files", root.c_str(), "tmpfs", 0, "size=2m") == 0;
    if (!mounted) GTEST_SKIP() << "mounting takes root";
  }
  void TearDown() override {
    stop_store();
    umount2(root.c_str(), MNT_DETACH);
  }

  // Leaves so many bytes free.
  void fill(std::uint64_t left) const {
    const auto file = ::open(filler.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const auto size = fs::space(root).available - left;
    EXPECT_EQ(posix_fallocate(file, 0, static_cast<off_t>(size)), 0);
    close(file);
  }

  const std::string filler = root + "/filler";
};

TEST_F(FullDisk, AnUploadThatDoesNotFitIsRefusedAndLeavesNothing) {
  const auto large = content_of(4 << 20);
  EXPECT_EQ(refusal_of([&] { upload(large); }), ErrorCode::storage_full);
  EXPECT_TRUE(test::eventually([&] { return temporary_files().empty(); }));
  EXPECT_EQ(download(upload("a small one")), "a small one");
}

TEST_F(FullDisk, TheEndOfAnUploadThatDoesNotFitIsRefused) {
  store();
  fill(64 << 10);
  auto writer = create();
  write(*writer, content_of(200'000));
  EXPECT_EQ(refusal_of([&] { finish(*writer); }), ErrorCode::storage_full);
  EXPECT_THROW(finish(*writer), std::logic_error) << "a failed upload does not become whole";
}

TEST_F(FullDisk, FilesAreReadAndUploadsGoOnOnceThereIsRoom) {
  const auto key = upload("kept before");
  fill(0);
  EXPECT_EQ(refusal_of([&] { upload("does not fit"); }), ErrorCode::storage_full);
  EXPECT_EQ(download(key), "kept before");
  fs::remove(filler);
  EXPECT_EQ(download(upload("fits again")), "fits again");
}

}  // namespace
}  // namespace fechatter::file
