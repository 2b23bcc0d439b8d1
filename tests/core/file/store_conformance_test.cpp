#include <algorithm>

#include "tests/core/file/store_fixture.hpp"

// What each FileStore does, wherever its bytes are.
namespace fechatter::file {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr std::size_t kib = 1024;
constexpr Thumbnail small_webp_one{360, ThumbnailFormat::webp};
constexpr Thumbnail large_jpeg_one{1280, ThumbnailFormat::jpeg};

template <class Place>
class FileStoreConformance : public testing::Test {
 protected:
  void SetUp() override {
    if (!Place::is_there()) GTEST_SKIP() << test::no_moto;
    place = std::make_unique<Place>();
    store = place->make_store();
    steps = std::make_unique<StoreSteps>(io, *store);
  }
  // Files of two workspaces, and what is none beside them.
  std::vector<FileKey> upload_many() {
    std::vector<FileKey> keys;
    for (const auto workspace : {10, 2}) {
      for (int i = 0; i < 8; ++i) {
        keys.push_back(steps->upload("file " + std::to_string(i), workspace));
      }
    }
    steps->keep_thumbnail(keys[0], small_webp_one, "a thumbnail");
    for (const auto* name : {"2/abc/def/notes.txt", "02/abc/def/x", "other/file"}) {
      place->plant(name);
    }
    return keys;
  }
  static std::vector<FileKey> keys_of(const std::vector<StoredFile>& files) {
    std::vector<FileKey> keys;
    for (const auto& file : files) keys.push_back(file.key);
    return keys;
  }

  asio::io_context io;
  std::unique_ptr<Place> place;
  std::unique_ptr<FileStore> store;
  std::unique_ptr<StoreSteps> steps;
};

struct PlaceNames {
  template <class Place>
  static std::string GetName(int) {
    return std::is_same_v<Place, DiskPlaceForTests> ? "Disk" : "S3";
  }
};
using Places = testing::Types<DiskPlaceForTests, BucketPlaceForTests>;
TYPED_TEST_SUITE(FileStoreConformance, Places, PlaceNames);

TYPED_TEST(FileStoreConformance, AFileIsReadBackWithTheHashTheSizeAndTheHeadOfItsContent) {
  auto& on = *this->steps;
  for (const std::size_t size : {0UL, 1UL, 8193UL, 256 * kib + 1, 1'500'003UL}) {
    const auto content = varied_content(size);
    const auto writer = on.create();
    for (std::size_t at = 0; at < size; at += 100'007) {
      on.write(*writer, std::string_view{content}.substr(at, 100'007));
    }
    const auto written = on.finish(*writer);
    EXPECT_EQ(written.hash, key_of_content(content).hash);
    EXPECT_EQ(written.size, size);
    EXPECT_EQ(written.head, content.substr(0, FileWriter::head_bytes_max));
    on.keep(*writer, key_of_content(content));
    const auto source = on.open(key_of_content(content));
    ASSERT_NE(source, nullptr) << size;
    EXPECT_EQ(source->size(), size);
    EXPECT_EQ(on.read_whole(*source), content) << size;
  }
}

TYPED_TEST(FileStoreConformance, AFileIsNotThereBeforeItIsKept) {
  const auto writer = this->steps->written("hello");
  EXPECT_EQ(this->steps->open(key_of_content("hello")), nullptr);
  this->steps->keep(*writer, key_of_content("hello"));
  EXPECT_EQ(this->steps->download(key_of_content("hello")), "hello");
}

TYPED_TEST(FileStoreConformance, AnUploadThatIsDroppedLeavesNothing) {
  for (const std::size_t size : {1UL, 300 * kib}) {
    auto writer = this->steps->written(varied_content(size));
    writer.reset();
    EXPECT_TRUE(test::eventually([&] { return this->place->count() == 0; })) << size;
  }
}

TYPED_TEST(FileStoreConformance, AKeptFileLeavesNothingBesideIt) {
  this->steps->upload(varied_content(300 * kib));
  EXPECT_TRUE(test::eventually([&] { return this->place->count() == 1; }));
}

TYPED_TEST(FileStoreConformance, UploadsOfTheSameContentAtOnceAreAllKeptAsOneFile) {
  auto& on = *this->steps;
  const auto content = varied_content(100 * kib);
  const auto key = key_of_content(content);
  std::vector<std::unique_ptr<FileWriter>> writers;
  for (int i = 0; i < 12; ++i) writers.push_back(on.written(content));
  int kept = 0;
  for (const auto& writer : writers) {
    const Executor strand{this->io.get_executor()};
    asio::co_spawn(strand, writer->keep(key), [&](std::exception_ptr error) { kept += !error; });
  }
  this->io.restart();
  this->io.run();
  EXPECT_EQ(kept, 12);
  EXPECT_EQ(on.download(key), content);
  EXPECT_THAT(on.list(), SizeIs(1));
}

TYPED_TEST(FileStoreConformance, TheSameContentInTwoWorkspacesIsTwoFiles) {
  const auto one = this->steps->upload("hello", 1);
  const auto two = this->steps->upload("hello", 2);
  EXPECT_TRUE(this->steps->remove(one));
  EXPECT_EQ(this->steps->download(one), "no such file");
  EXPECT_EQ(this->steps->download(two), "hello");
}

TYPED_TEST(FileStoreConformance, AFileThatWasDamagedIsReplacedByANewUploadOfItsContent) {
  const auto content = varied_content(300 * kib);
  const auto key = this->steps->upload(content);
  this->place->damage(key);
  ASSERT_NE(this->steps->download(key), content);
  this->steps->upload(content);
  EXPECT_EQ(this->steps->download(key), content);
}

TYPED_TEST(FileStoreConformance, AFileIsRemovedOnce) {
  const auto key = this->steps->upload("hello");
  EXPECT_TRUE(this->steps->remove(key));
  EXPECT_FALSE(this->steps->remove(key));
  EXPECT_EQ(this->steps->download(key), "no such file");
  this->steps->upload("hello");
  EXPECT_EQ(this->steps->download(key), "hello");
}

TYPED_TEST(FileStoreConformance, AnyPartOfAFileIsRead) {
  auto& on = *this->steps;
  const auto content = varied_content(3000 * kib);
  const auto source = on.open(on.upload(content));
  EXPECT_EQ(on.read(*source, 100'000, 7), content.substr(100'000, 7));
  EXPECT_EQ(on.read(*source, content.size() - 3, 10), content.substr(content.size() - 3));
  EXPECT_EQ(on.read(*source, content.size(), 10), "");
  EXPECT_EQ(on.read(*source, content.size() + 1, 10), "");
  const auto piece = on.read(*source, 2'000'000, 64 * kib);
  EXPECT_FALSE(piece.empty());
  EXPECT_EQ(piece, content.substr(2'000'000, piece.size()));
  EXPECT_EQ(on.read_whole(*source), content);
}

TYPED_TEST(FileStoreConformance, AnUploadIsKeptUnderItsOwnHashOnly) {
  auto& on = *this->steps;
  const auto writer = on.create();
  EXPECT_THROW(on.keep(*writer, key_of_content("hello")), std::logic_error);
  on.write(*writer, "hello");
  on.finish(*writer);
  EXPECT_THROW(on.keep(*writer, key_of_content("goodbye")), std::logic_error);
  EXPECT_THROW(on.write(*writer, "more"), std::logic_error);
}

TYPED_TEST(FileStoreConformance, FilesAreListedWithTheirSizesAndTimesAndNothingElseIs) {
  const auto keys = this->upload_many();
  const auto files = this->steps->list();
  EXPECT_THAT(this->keys_of(files), testing::UnorderedElementsAreArray(keys));
  for (const auto& file : files) {
    EXPECT_EQ(file.size, 6U);
    EXPECT_LT(std::chrono::abs(now() - file.kept_at), std::chrono::minutes{1});
  }
}

TYPED_TEST(FileStoreConformance, AListIsResumedBehindAnyFile) {
  const auto keys = this->upload_many();
  std::vector<FileKey> seen;
  for (auto page = this->steps->list({}, 5); !page.empty();
       page = this->steps->list(seen.back(), 5)) {
    EXPECT_LE(page.size(), 5U);
    for (const auto& file : page) seen.push_back(file.key);
  }
  EXPECT_THAT(seen, testing::UnorderedElementsAreArray(keys));
}

TYPED_TEST(FileStoreConformance, AListIsResumedBehindAFileThatIsGone) {
  this->upload_many();
  const auto all = this->keys_of(this->steps->list());
  this->steps->remove(all[10]);
  const std::vector<FileKey> rest{all.begin() + 11, all.end()};
  EXPECT_EQ(this->keys_of(this->steps->list(all[10])), rest);
}

TYPED_TEST(FileStoreConformance, AThumbnailIsReadBackAndReplacesTheFormerOne) {
  auto& on = *this->steps;
  const auto key = on.upload("a picture");
  for (const auto thumbnail : all_thumbnails) {
    EXPECT_EQ(on.thumbnail(key, thumbnail), "no such thumbnail");
    on.keep_thumbnail(key, thumbnail, "thumbnail" + name_suffix(thumbnail));
  }
  on.keep_thumbnail(key, large_jpeg_one, "a new one");
  EXPECT_EQ(on.thumbnail(key, small_webp_one), "thumbnail.360.webp");
  EXPECT_EQ(on.thumbnail(key, large_jpeg_one), "a new one");
  EXPECT_EQ(on.download(key), "a picture");
}

TYPED_TEST(FileStoreConformance, NoThumbnailIsThereWithoutItsFile) {
  auto& on = *this->steps;
  const auto key = on.upload("a picture");
  const auto other = on.upload("a picture", 2);
  for (const auto thumbnail : all_thumbnails) {
    on.keep_thumbnail(key, thumbnail, "thumbnail");
    on.keep_thumbnail(other, thumbnail, "thumbnail");
  }
  EXPECT_TRUE(on.remove(key));
  on.keep_thumbnail(key, small_webp_one, "too late");
  for (const auto thumbnail : all_thumbnails) {
    EXPECT_EQ(on.thumbnail(key, thumbnail), "no such thumbnail");
  }
  EXPECT_EQ(on.thumbnail(other, small_webp_one), "thumbnail");
  EXPECT_TRUE(test::eventually([&] { return this->place->count() == 5; }));
}

TYPED_TEST(FileStoreConformance, AStoreThatCanBeUsedSaysSoAndWhatRoomThereIs) {
  this->steps->check();
  EXPECT_GT(this->steps->free_bytes(), 0U);
  EXPECT_TRUE(test::eventually([&] { return this->place->count() == 0; }));
}

}  // namespace
}  // namespace fechatter::file
