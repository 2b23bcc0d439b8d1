#include "fechatter_core/file/tus_headers.hpp"

#include <gmock/gmock.h>

#include "fechatter_core/error.hpp"

namespace fechatter::file {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;

// The detail of the refusal; empty when there is none.
template <class F>
std::string header_refusal(F read) {
  try {
    read();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

std::string refused_metadata(std::string_view header) {
  return header_refusal([&] { read_tus_metadata(header); });
}

TEST(TusHeaders, TheVersionIsOneAndIsRequired) {
  const std::string version{"1.0.0"};
  EXPECT_NO_THROW(require_tus_version(&version));
  const std::string other{"1.0.1"};
  EXPECT_THAT(header_refusal([&] { require_tus_version(&other); }), StartsWith("Tus-Resumable"));
  EXPECT_THAT(header_refusal([] { require_tus_version(nullptr); }), StartsWith("Tus-Resumable"));
}

TEST(TusHeaders, ANumberHasOneSpelling) {
  const auto read = [](const std::string& text) { return read_tus_number("Upload-Offset", &text); };
  EXPECT_EQ(read("0"), 0U);
  EXPECT_EQ(read("4294967296"), 4294967296U);
  EXPECT_EQ(read("9223372036854775807"), 9223372036854775807U);
  for (const auto* text : {"", "00", "01", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "1,1",
                           "9223372036854775808", "18446744073709551616", "\xd9\xa1"}) {
    EXPECT_THAT(header_refusal([&] { read(text); }), StartsWith("Upload-Offset: ")) << text;
  }
  EXPECT_THAT(header_refusal([] { read_tus_number("Upload-Length", nullptr); }),
              StartsWith("Upload-Length: is required"));
}

TEST(TusHeaders, MetadataAreDecodedInTheirOrder) {
  EXPECT_THAT(read_tus_metadata("filename d29ybGRfZG9taW5hdGlvbi5wZGY=,is_confidential"),
              ElementsAre(Pair("filename", "world_domination.pdf"), Pair("is_confidential", "")));
  EXPECT_THAT(read_tus_metadata("a YQ== , b  ,c YmM="),
              ElementsAre(Pair("a", "a"), Pair("b", ""), Pair("c", "bc")));
  EXPECT_THAT(read_tus_metadata(""), IsEmpty());
  EXPECT_THAT(read_tus_metadata("bytes +/8="), ElementsAre(Pair("bytes", "\xfb\xff")));
}

TEST(TusHeaders, MetadataAreWrittenAsTheyAreRead) {
  for (const auto* header : {"", "a", "filename d29ybGQ=,b,c +/8=", "x YQ==,y YmI="}) {
    EXPECT_EQ(write_tus_metadata(read_tus_metadata(header)), header);
  }
}

TEST(TusHeaders, MalformedMetadataAreRefused) {
  for (const auto* header :
       {",", "a,", ",a", "a YQ==,,b", "a YQ", "a YQ=", "a YQ===", "a YR==", "a Y Q=", "a =",
        "a ====", "a -_8=", "a YQ==,a YQ==", "a\tb YQ==", "\xc3\xa4 YQ=="}) {
    EXPECT_THAT(refused_metadata(header), StartsWith("Upload-Metadata: ")) << header;
  }
}

TEST(TusHeaders, MetadataHaveLimits) {
  std::string pairs{"a0"};
  for (int i = 1; i < 16; ++i) pairs += ",a" + std::to_string(i);
  EXPECT_EQ(read_tus_metadata(pairs).size(), 16U);
  EXPECT_THAT(refused_metadata(pairs + ",b"), StartsWith("Upload-Metadata: has 16 pairs"));
  EXPECT_EQ(refused_metadata(std::string(64, 'n')), "");
  EXPECT_THAT(refused_metadata(std::string(65, 'n')), StartsWith("Upload-Metadata: a name"));
  EXPECT_EQ(refused_metadata("a " + std::string(4092, 'A')), "");
  EXPECT_THAT(refused_metadata("abcde " + std::string(4092, 'A')),
              StartsWith("Upload-Metadata: has 4096 bytes"));
}

TEST(TusHeaders, TheNameOfAFileIsText) {
  EXPECT_EQ(find_tus_file_name({{"name", "b"}, {"filename", "a"}}), "a");
  EXPECT_EQ(find_tus_file_name({{"name", "b"}}), "b");
  EXPECT_EQ(find_tus_file_name({{"title", "c"}}), "");
  for (const auto& name :
       {std::string{"a\0b", 3}, std::string{"\xff"}, std::string{"\xed\xa0\x80"}}) {
    EXPECT_THAT(header_refusal([&] {
                  find_tus_file_name({{"filename", name}});
                }),
                StartsWith("Upload-Metadata: "));
  }
}

TEST(TusHeaders, AChecksumIsAnAlgorithmAndItsDigest) {
  const auto sha1 = read_tus_checksum("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=");
  EXPECT_EQ(sha1.algorithm, HashAlgorithm::sha1);
  EXPECT_EQ(sha1.digest, "2aae6c35c94fcfb415dbe95f408b9ce91ee846ed");  // "hello world"
  ContentHash hash{HashAlgorithm::sha1};
  hash.add("hello world");
  EXPECT_EQ(hash.finish(), sha1.digest);
  const auto sha256 = read_tus_checksum("sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=");
  EXPECT_EQ(sha256.algorithm, HashAlgorithm::sha256);
  EXPECT_EQ(sha256.digest, "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9");
}

TEST(TusHeaders, OtherChecksumsAreRefused) {
  for (const auto* header :
       {"", "sha1", "sha1 ", "md5 1B2M2Y8AsgTpgAmY7PhCfg==", "SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
        "sha1  Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0",
        "sha1 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed",
        "sha1 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=",
        "sha256 Kq5sNclPz7QV2+lfQIuc6R7oRu0="}) {
    EXPECT_THAT(header_refusal([&] { read_tus_checksum(header); }), StartsWith("Upload-Checksum: "))
        << header;
  }
}

}  // namespace
}  // namespace fechatter::file
