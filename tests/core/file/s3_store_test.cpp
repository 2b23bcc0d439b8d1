#include "fechatter_core/file/s3_store.hpp"

#include "tests/core/file/store_fixture.hpp"

// A real S3-compatible store, with what a store on a disk does not have.
namespace fechatter::file {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;

constexpr std::size_t mebi = 1024 * 1024;

class S3StoreTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto moto = test::find_moto();
    if (!moto) GTEST_SKIP() << test::no_moto;
    bucket = std::make_unique<TestBucket>(*moto);
    settings = bucket->settings;
    make_store();
  }
  void make_store() {
    store = std::make_unique<S3Store>(settings, DiskStoreSettings{scratch.path("files"), 2, 1000});
    steps = std::make_unique<StoreSteps>(io, *store);
  }
  static std::string object_of(const FileKey& key) {
    return "files/" + DiskPlaceForTests::path_of(key);
  }
  std::string header_of(const FileKey& key, const std::string& name) {
    const auto response = bucket->send({"HEAD", object_of(key)});
    const auto* const value = response.find_header(name);
    return value == nullptr ? "none" : *value;
  }

  asio::io_context io;
  test::ScratchFolder scratch;
  S3Settings settings;
  std::unique_ptr<TestBucket> bucket;
  std::unique_ptr<S3Store> store;
  std::unique_ptr<StoreSteps> steps;
};

TEST_F(S3StoreTest, AFileIsAnObjectBehindThePrefixInFoldersOfItsWorkspaceAndItsHash) {
  const auto key = steps->upload("hello", 42);
  EXPECT_THAT(bucket->objects(),
              ElementsAre("files/42/2cf/24d/"
                          "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824.bin"));
  EXPECT_EQ(header_of(key, "content-type"), "application/octet-stream");
}

TEST_F(S3StoreTest, ALargeFileIsSentInParts) {
  settings.put_bytes_max = 6 * mebi;
  settings.part_bytes = 5 * mebi;
  make_store();
  for (const auto size : {6 * mebi, 6 * mebi + 1, 10 * mebi, 11 * mebi}) {
    const auto content = varied_content(size);
    const auto key = steps->upload(content);
    EXPECT_EQ(steps->download(key), content) << size;
    // The tag of an object that was put together ends with the number of its parts.
    const auto parts = (size + 5 * mebi - 1) / (5 * mebi);
    const auto ending = size > 6 * mebi ? '-' + std::to_string(parts) + '"' : std::string{'"'};
    const auto tag = header_of(key, "etag");
    EXPECT_THAT(tag, EndsWith(ending));
    EXPECT_EQ(tag.find('-') != std::string::npos, size > 6 * mebi);
  }
  EXPECT_EQ(bucket->open_uploads(), 0U);
}

TEST_F(S3StoreTest, ContentThatIsThereIsLeftAlone) {
  const auto key = steps->upload("hello");
  bucket->put(object_of(key), "HELLO");
  steps->upload("hello");
  EXPECT_EQ(steps->download(key), "HELLO");
}

TEST_F(S3StoreTest, ObjectsAreEncryptedByTheStoreAsTheSettingSays) {
  settings.encryption = "AES256";
  settings.put_bytes_max = 5 * mebi;
  settings.part_bytes = 5 * mebi;
  make_store();
  EXPECT_EQ(header_of(steps->upload("small"), "x-amz-server-side-encryption"), "AES256");
  const auto large = steps->upload(varied_content(6 * mebi));
  EXPECT_EQ(header_of(large, "x-amz-server-side-encryption"), "AES256");
}

// moto says of each upload in parts that it is years old.
TEST_F(S3StoreTest, UploadsInPartsThatDidNotEndAreAbortedAndOthersAreNot) {
  const auto key = key_of_content("never whole");
  bucket->begin_upload(object_of(key));
  bucket->begin_upload("files/of another program");
  bucket->begin_upload("other/" + DiskPlaceForTests::path_of(key));
  EXPECT_EQ(steps->sweep(), 1U);
  EXPECT_EQ(bucket->open_uploads(), 2U);
  EXPECT_EQ(steps->sweep(), 0U);
}

TEST_F(S3StoreTest, AnObjectThatIsRemovedWhileItIsReadIsAFailureOfTheStore) {
  const auto key = steps->upload(varied_content(3 * mebi));
  const auto source = steps->open(key);
  steps->read(*source, 0, 64 * 1024);
  steps->remove(key);
  EXPECT_EQ(refused([&] { steps->read(*source, 2 * mebi, 64 * 1024); }).code,
            ErrorCode::storage_unavailable);
}

TEST_F(S3StoreTest, AMissingBucketIsUnavailableAndNotEmpty) {
  settings.bucket = "there-is-none";
  make_store();
  const auto key = key_of_content("hello");
  EXPECT_EQ(refused([&] { steps->open(key); }).code, ErrorCode::storage_unavailable);
  EXPECT_EQ(refused([&] { steps->remove(key); }).code, ErrorCode::storage_unavailable);
  EXPECT_EQ(refused([&] { steps->upload("hello"); }).code, ErrorCode::storage_unavailable);
  EXPECT_EQ(refused([&] { steps->list(); }).code, ErrorCode::storage_unavailable);
  EXPECT_EQ(refused([&] { steps->check(); }).text, "The bucket of the files does not exist.");
}

TEST_F(S3StoreTest, AWrongKeyIsUnavailableAndTheCheckSaysWhy) {
  const auto key = steps->upload("hello");
  settings.key.secret = "another key";
  make_store();
  EXPECT_EQ(refused([&] { steps->open(key); }).code, ErrorCode::storage_unavailable);
  EXPECT_EQ(refused([&] { steps->upload("hello 2"); }).code, ErrorCode::storage_unavailable);
  EXPECT_THAT(refused([&] { steps->check(); }).text,
              HasSubstr("refuses access to the bucket of the files: SignatureDoesNotMatch"));
  settings.key.id = "AKIAUNKNOWN";
  make_store();
  EXPECT_THAT(refused([&] { steps->check(); }).text, HasSubstr("InvalidAccessKeyId"));
}

TEST_F(S3StoreTest, MoreReadersThanThereIsMemoryToReadAheadAreServed) {
  const auto content = varied_content(2 * mebi);
  const auto key = steps->upload(content);
  std::vector<std::unique_ptr<http::BodySource>> readers;
  for (int i = 0; i < 80; ++i) {
    readers.push_back(steps->open(key));
    const auto piece = steps->read(*readers.back(), 0, 64 * 1024);
    EXPECT_EQ(piece, content.substr(0, piece.size())) << i;
  }
  EXPECT_EQ(steps->read_whole(*readers.back()), content);
  EXPECT_EQ(steps->read_whole(*readers.front()), content);
}

TEST_F(S3StoreTest, AListGoesOnBehindPagesWithoutAFile) {
  for (int i = 0; i < 7; ++i) bucket->put("files/0 other " + std::to_string(i), "x");
  const auto key = steps->upload("hello");
  const auto files = steps->list({}, 2);
  ASSERT_THAT(files, SizeIs(1));
  EXPECT_EQ(files[0].key, key);
}

}  // namespace
}  // namespace fechatter::file
