#include "fechatter_core/file/s3_answers.hpp"

#include <gmock/gmock.h>

#include "fechatter_core/file/s3_address.hpp"

namespace fechatter::file {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

std::string page_with(const std::string& inside) {
  return "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/\">" +
         inside + "</ListBucketResult>";
}

const std::string one_object =
    "<Contents><Key>files/a&amp;b</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified>"
    "<ETag>&quot;fba9&quot;</ETag><Size>434234</Size><StorageClass>STANDARD</StorageClass>"
    "</Contents>";

TEST(S3Answers, APageHasItsObjects) {
  const auto page = parse_page(page_with("<IsTruncated>true</IsTruncated>" + one_object));
  ASSERT_TRUE(page);
  EXPECT_FALSE(page->is_last);
  ASSERT_THAT(page->objects, SizeIs(1));
  EXPECT_EQ(page->objects[0].name, "files/a&b");
  EXPECT_EQ(page->objects[0].size, 434234U);
  EXPECT_EQ(page->objects[0].modified_at, parse_rfc3339("2009-10-12T17:50:30Z"));
}

TEST(S3Answers, APageThatIsNotWholeIsNone) {
  const std::string last = "<IsTruncated>false</IsTruncated>";
  EXPECT_TRUE(parse_page(page_with(last)));
  EXPECT_FALSE(parse_page(page_with(one_object)));
  EXPECT_FALSE(parse_page(page_with("<IsTruncated>true</IsTruncated>")));
  EXPECT_FALSE(parse_page("<Error><Code>NoSuchBucket</Code></Error>"));
  EXPECT_FALSE(parse_page("<html>"));
  for (const auto* part : {"434234", "2009-10-12T17:50:30.000Z", "files/a&amp;b"}) {
    auto damaged = one_object;
    damaged.replace(damaged.find(part), std::string{part}.size(), "");
    EXPECT_FALSE(parse_page(page_with(last + damaged))) << part;
  }
  auto negative = one_object;
  negative.replace(negative.find("434234"), 6, "-1");
  EXPECT_FALSE(parse_page(page_with(last + negative)));
}

TEST(S3Answers, UploadsThatHaveNotEndedAreListedInPages) {
  const auto list = parse_uploads(
      "<ListMultipartUploadsResult><NextKeyMarker>files/b</NextKeyMarker>"
      "<NextUploadIdMarker>id2</NextUploadIdMarker><IsTruncated>true</IsTruncated>"
      "<Upload><Key>files/a</Key><UploadId>id1</UploadId>"
      "<Initiated>2010-11-10T20:48:33.000Z</Initiated></Upload></ListMultipartUploadsResult>");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->next_object, "files/b");
  EXPECT_EQ(list->next_id, "id2");
  ASSERT_THAT(list->uploads, SizeIs(1));
  EXPECT_EQ(list->uploads[0].object, "files/a");
  EXPECT_EQ(list->uploads[0].id, "id1");
  const auto last = parse_uploads(
      "<ListMultipartUploadsResult><NextKeyMarker>files/b</NextKeyMarker>"
      "<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>");
  ASSERT_TRUE(last);
  EXPECT_THAT(last->next_object, IsEmpty());
}

TEST(S3Answers, ACompletionThatFailsHasTheStatusOfASuccess) {
  EXPECT_TRUE(is_completed(
      "\n \n<CompleteMultipartUploadResult><Key>a</Key></CompleteMultipartUploadResult>"));
  EXPECT_FALSE(is_completed("<Error><Code>InternalError</Code></Error>"));
  EXPECT_FALSE(is_completed(""));
}

TEST(S3Answers, ACompletionNamesThePartsInOrder) {
  EXPECT_EQ(completion_of({"\"a\"", "\"b\""}),
            "<CompleteMultipartUpload>"
            "<Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag></Part>"
            "<Part><PartNumber>2</PartNumber><ETag>&quot;b&quot;</ETag></Part>"
            "</CompleteMultipartUpload>");
}

TEST(S3Answers, TheCodeOfAnErrorIsLettersOnly) {
  EXPECT_EQ(parse_error_code("<Error><Code>NoSuchKey</Code><Message>m</Message></Error>"),
            "NoSuchKey");
  EXPECT_EQ(parse_error_code("<Error><Code>a\nlog line</Code></Error>"), "");
  EXPECT_EQ(parse_error_code("<Error><Code>" + std::string(65, 'x') + "</Code></Error>"), "");
  EXPECT_EQ(parse_error_code("<html/>"), "");
  EXPECT_EQ(parse_error_code(""), "");
}

TEST(S3Answers, ARangeIsWithinItsObject) {
  EXPECT_EQ(parse_content_range("bytes 0-9/100"), (S3Range{0, 9, 100}));
  EXPECT_EQ(parse_content_range("bytes 99-99/100"), (S3Range{99, 99, 100}));
  for (const auto* value :
       {"", "bytes */100", "bytes 9-0/100", "bytes 0-100/100", "bytes 0-9/*", "bytes 0-9",
        "items 0-9/100", "bytes +0-9/100", "bytes 0-9/100 ", "bytes 0-9/99999999999999999999"}) {
    EXPECT_FALSE(parse_content_range(value)) << value;
  }
}

class S3Addresses : public testing::Test {
 protected:
  S3Addresses() {
    settings.bucket = "files";
    settings.region = "eu-central-1";
  }
  // The setting that is refused.
  std::string complaint() const {
    try {
      S3Address{settings};
    } catch (const std::invalid_argument& error) {
      const std::string text = error.what();
      return text.substr(0, text.find(':'));
    }
    return "none";
  }

  const FileKey key{WorkspaceId{7}, std::string(64, 'a'), "png"};
  S3Settings settings;
};

TEST_F(S3Addresses, ABucketIsInTheNameOfTheHostOrInThePath) {
  const S3Address of_aws{settings};
  EXPECT_EQ(of_aws.host(), "files.s3.eu-central-1.amazonaws.com");
  EXPECT_EQ(of_aws.path_of(""), "/");
  EXPECT_EQ(of_aws.url_of(of_aws.path_of("a b"), "x=1"),
            "https://files.s3.eu-central-1.amazonaws.com/a%20b?x=1");
  settings.endpoint = "http://127.0.0.1:9000/";
  settings.path_style = true;
  const S3Address own{settings};
  EXPECT_EQ(own.host(), "127.0.0.1:9000");
  EXPECT_EQ(own.path_of(""), "/files");
  EXPECT_EQ(own.url_of(own.path_of("a"), ""), "http://127.0.0.1:9000/files/a");
  settings.endpoint = "https://s3.example.com:443";
  EXPECT_EQ(S3Address{settings}.host(), "s3.example.com");
}

TEST_F(S3Addresses, TheKeyOfAnObjectIsThatOfItsFile) {
  for (const auto* prefix : {"", "chat/", "a/b-c.d_e/"}) {
    settings.prefix = prefix;
    const S3Address address{settings};
    const auto object = address.object_of(key);
    EXPECT_EQ(object, prefix + ("7/aaa/aaa/" + key.hash) + ".png");
    EXPECT_EQ(address.key_of(object), key);
    for (const auto& other : {object + ".360.webp", '0' + object, object.substr(1), "x/" + object,
                              std::string{prefix} + "7/aaa/aab/" + key.hash + ".png",
                              std::string{prefix}, std::string{}}) {
      EXPECT_EQ(address.key_of(other), std::nullopt) << other;
    }
  }
}

TEST_F(S3Addresses, WhatCannotBeUsedIsNamed) {
  EXPECT_EQ(complaint(), "none");
  const auto refuses = [&](std::string S3Settings::*member, const char* value) {
    const auto before = settings.*member;
    settings.*member = value;
    auto result = complaint();
    settings.*member = before;
    return result;
  };
  for (const auto* bucket : {"", "ab", "Upper", "a/b", "a b", ".abc", "a..?"}) {
    EXPECT_EQ(refuses(&S3Settings::bucket, bucket), "files.s3.bucket") << bucket;
  }
  for (const auto* prefix :
       {"/", "/a/", "a", "a//", "../", "a/../b/", "a/./", "a b/", "a?/", "ä/"}) {
    EXPECT_EQ(refuses(&S3Settings::prefix, prefix), "files.s3.prefix") << prefix;
  }
  for (const auto* endpoint :
       {"s3.example.com", "ftp://x", "https://", "https://a/b", "https://u@h", "http://a?b"}) {
    EXPECT_EQ(refuses(&S3Settings::endpoint, endpoint), "files.s3.endpoint") << endpoint;
  }
  EXPECT_EQ(refuses(&S3Settings::region, ""), "files.s3.region");
  EXPECT_EQ(refuses(&S3Settings::region, "a/b"), "files.s3.region");
}

}  // namespace
}  // namespace fechatter::file
