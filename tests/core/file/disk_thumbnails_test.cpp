#include <sys/stat.h>

#include "fechatter_core/error.hpp"
#include "tests/core/file/disk_fixture.hpp"

namespace fechatter::file {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;

constexpr Thumbnail small_webp{360, ThumbnailFormat::webp};
constexpr Thumbnail large_jpeg{1280, ThumbnailFormat::jpeg};
constexpr auto none = "no such thumbnail";

class DiskThumbnailsTest : public DiskStoreTest {
 protected:
  Names names_beside(const FileKey& key) const {
    Names names;
    for (const auto& entry : fs::directory_iterator{fs::path{path_of(key)}.parent_path()}) {
      names.push_back(entry.path().filename());
    }
    return names;
  }
  void keep_all(const FileKey& key) {
    for (const auto thumbnail : all_thumbnails) keep_thumbnail(key, thumbnail, "thumbnail");
  }
};

TEST_F(DiskThumbnailsTest, EachThumbnailIsReadBackAndLiesBesideItsFileForTheServerAlone) {
  const auto key = upload("a picture");
  Names names{key.hash + ".bin"};
  for (const auto thumbnail : all_thumbnails) {
    EXPECT_EQ(download_thumbnail(key, thumbnail), none);
    const auto suffix = name_suffix(thumbnail);
    keep_thumbnail(key, thumbnail, "thumbnail" + suffix);
    EXPECT_EQ(fs::status(path_of(key) + suffix).permissions(), fs::perms{0600});
    names.push_back(key.hash + ".bin" + suffix);
  }
  for (const auto thumbnail : all_thumbnails) {
    EXPECT_EQ(download_thumbnail(key, thumbnail), "thumbnail" + name_suffix(thumbnail));
  }
  EXPECT_THAT(names_beside(key), testing::UnorderedElementsAreArray(names));
  EXPECT_EQ(download(key), "a picture");
  EXPECT_THAT(temporary_files(), IsEmpty());
}

TEST_F(DiskThumbnailsTest, AThumbnailThatIsMadeAgainTakesThePlaceOfTheFormerOne) {
  const auto key = upload("a picture");
  keep_thumbnail(key, small_webp, "the former one, of a process that was killed");
  keep_thumbnail(key, small_webp, "the new one");
  EXPECT_EQ(download_thumbnail(key, small_webp), "the new one");
  EXPECT_THAT(temporary_files(), IsEmpty());
}

TEST_F(DiskThumbnailsTest, AThumbnailIsThatOfOneWorkspaceAndOneExtension) {
  const auto one = upload("a picture", 1);
  const auto two = upload("a picture", 2);
  keep_thumbnail(one, small_webp, "small");
  EXPECT_EQ(download_thumbnail(two, small_webp), none);
  auto other = one;
  other.extension = "png";
  EXPECT_EQ(download_thumbnail(other, small_webp), none);
  EXPECT_EQ(download_thumbnail(one, large_jpeg), none);
}

TEST_F(DiskThumbnailsTest, AFileThatIsRemovedTakesItsThumbnailsAlong) {
  const auto key = upload("a picture");
  const auto other = upload("a picture", 2);
  keep_all(key);
  keep_all(other);
  EXPECT_TRUE(remove(key));
  EXPECT_THAT(names_beside(key), IsEmpty());
  EXPECT_EQ(download_thumbnail(other, large_jpeg), "thumbnail");
}

TEST_F(DiskThumbnailsTest, ARemovalThatWasCutIsFinishedByTheNextOne) {
  const auto key = upload("a picture");
  keep_all(key);
  fs::remove(path_of(key));
  EXPECT_FALSE(remove(key)) << "the file was gone";
  EXPECT_THAT(names_beside(key), IsEmpty());
}

TEST_F(DiskThumbnailsTest, AThumbnailOfAFileThatIsGoneIsNotKept) {
  keep_thumbnail(key_of("never uploaded"), small_webp, "small");
  const auto key = upload("a picture");
  remove(key);
  keep_thumbnail(key, small_webp, "small");
  EXPECT_EQ(download_thumbnail(key, small_webp), none);
  EXPECT_THAT(names_beside(key), IsEmpty());
  EXPECT_THAT(temporary_files(), IsEmpty());
}

TEST_F(DiskThumbnailsTest, ThumbnailsAreNotListedAsFiles) {
  const auto key = upload("a picture");
  keep_all(key);
  const auto files = list();
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files.front().key, key);
}

TEST_F(DiskThumbnailsTest, WhatIsNoFileInPlaceOfAThumbnailIsNotOpened) {
  const auto key = upload("a picture");
  const auto path = path_of(key) + name_suffix(small_webp);
  fs::create_symlink("/etc/passwd", path);
  EXPECT_EQ(download_thumbnail(key, small_webp), none);
  keep_thumbnail(key, small_webp, "small");
  EXPECT_EQ(download_thumbnail(key, small_webp), "small");
  ASSERT_EQ(mkfifo((path_of(key) + name_suffix(large_jpeg)).c_str(), 0600), 0);
  EXPECT_EQ(download_thumbnail(key, large_jpeg), none);
}

}  // namespace
}  // namespace fechatter::file
