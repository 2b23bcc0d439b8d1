#include "tests/core/file/metadata_filter_test.hpp"

// What is stored of JPEG pictures.
namespace fechatter::file {
namespace {

using namespace std::string_literals;
using namespace test::pictures;
using testing::Not;
using testing::StartsWith;

TEST(JpegFilter, LeavesAPictureWithoutMetadataAsItIs) {
  EXPECT_EQ(filtered(jpeg_picture()), jpeg_picture());
}

TEST(JpegFilter, RemovesEachKindOfMetadata) {
  for (const auto& metadata :
       {exif_segment(tiff(1)), exif_segment(little_tiff(0)), exif_segment(secret),
        segment(0xe1, "http://ns.adobe.com/xap/1.0/\0"s + secret),
        segment(0xe1, "http://ns.adobe.com/xmp/extension/\0"s + secret),
        segment(0xed, "Photoshop 3.0\0"s + secret), segment(0xe2, "MPF\0"s + secret),
        segment(0xfe, secret), segment(0xe0, "JFXX\0"s + secret), segment(0xe0, secret),
        segment(0xe3, "Meta"s + secret), segment(0xeb, "JP"s + secret),
        segment(0xec, "Ducky" + secret), segment(0xef, secret)}) {
    EXPECT_EQ(filtered(jpeg_picture(metadata)), jpeg_picture()) << metadata;
    EXPECT_EQ(filtered(jpeg_picture(metadata + metadata)), jpeg_picture()) << metadata;
  }
}

TEST(JpegFilter, RemovesALargeSegment) {
  const auto large = jpeg_picture(segment(0xfe, std::string(65'533, 'x')));
  EXPECT_TRUE(filtered(large) == jpeg_picture());
}

TEST(JpegFilter, LeavesTheOrientationOfAPictureThatIsTurned) {
  for (int orientation = 2; orientation <= 8; ++orientation) {
    const auto left = jpeg_picture(exif_segment(tiff_of_orientation(orientation)));
    EXPECT_EQ(filtered(jpeg_picture(exif_segment(tiff(orientation)))), left);
    EXPECT_EQ(filtered(jpeg_picture(exif_segment(little_tiff(orientation)))), left);
  }
  EXPECT_EQ(filtered(jpeg_picture(exif_segment(tiff(9)))), jpeg_picture());
}

TEST(JpegFilter, LeavesTheOrientationOfTheFirstExifOnly) {
  EXPECT_EQ(filtered(jpeg_picture(exif_segment(tiff(6)) + exif_segment(tiff(3)))),
            jpeg_picture(exif_segment(tiff_of_orientation(6))));
  EXPECT_EQ(filtered(jpeg_picture(exif_segment(tiff(1)) + exif_segment(tiff(3)))), jpeg_picture());
}

TEST(JpegFilter, LeavesWhatColoursDependOn) {
  const auto profile = segment(0xe2, "ICC_PROFILE\0\1\1"s + std::string(3000, 'p'));
  const auto adobe = segment(0xee, "Adobe\0\x64\0\0\0\0\1"s);
  EXPECT_EQ(filtered(jpeg_picture(profile + adobe)), jpeg_picture(profile + adobe));
  EXPECT_EQ(filtered(jpeg_picture(segment(0xee, "Adobe\0\x64\0\0\0\0\1"s + secret))),
            jpeg_picture(adobe));
}

TEST(JpegFilter, RemovesTheThumbnailOfJfif) {
  const auto with_thumbnail = segment(0xe0, "JFIF\0\1\1\0\0\1\0\1\1\7"s + secret + "xy");
  EXPECT_EQ(filtered(jpeg_start + with_thumbnail + jpeg_tables + jpeg_scan + jpeg_end),
            jpeg_picture());
}

TEST(JpegFilter, RemovesWhatFollowsThePicture) {
  for (const auto& appended : {secret, jpeg_picture(exif_segment(tiff(1))), "PK\3\4"s + secret,
                               "\0\0\0\x18"s + "ftypmp42" + secret,
                               "<html><script>alert(1)</script>"s, "\xff\xd8\xff"s, "\0"s}) {
    EXPECT_EQ(filtered(jpeg_picture("", appended)), jpeg_picture()) << appended;
  }
}

TEST(JpegFilter, LeavesTheDataOfScansByteForByte) {
  std::string data = "\xff"s + "\0\xff\xd0\xff\xff\xd7\xff\xff\xff"s + "\0"s;
  for (std::size_t i = 0; i < 70'000; ++i) data += static_cast<char>(i * i % 251);
  const auto progressive = jpeg_start + segment(0xdd, "\0\1"s) + jpeg_tables + jpeg_scan + data +
                           segment(0xc4, "\0\1"s + std::string(16, '\0')) + jpeg_scan + data +
                           segment(0xdc, "\0\x08"s) + jpeg_scan + "\xff\xff" + jpeg_end;
  EXPECT_TRUE(filtered(progressive) == progressive);
}

TEST(JpegFilter, RemovesMetadataBetweenScans) {
  EXPECT_EQ(filtered(jpeg_start + jpeg_tables + jpeg_scan + segment(0xfe, secret) +
                     exif_segment(tiff(6)) + segment(0xe2, "ICC_PROFILE\0\1\1"s + secret) +
                     jpeg_scan + jpeg_end),
            jpeg_start + jpeg_tables + jpeg_scan + jpeg_scan + jpeg_end);
}

TEST(JpegFilter, DropsBytesBetweenSegmentsAsDecodersSkipThem) {
  EXPECT_EQ(filtered(jpeg_picture(secret + "\xff\0\xff\xd0"s + secret)), jpeg_picture());
}

// As if the writer of the EXIF had counted too little of it.
TEST(JpegFilter, DropsTheRestOfASegmentWhoseLengthIsTooShort) {
  for (const std::size_t length : {0, 1, 2, 10, 60}) {
    auto broken = exif_segment(tiff(1));
    broken.replace(2, 2, big_endian(length, 2));
    EXPECT_THAT(filtered(jpeg_picture(broken)), Not(HoldsTheSecret())) << length;
  }
}

TEST(JpegFilter, EndsWhereTheLengthOfATableContradictsItsContent) {
  for (const int code : {0xc0, 0xc4, 0xcc, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf}) {
    const auto longer = segment(code, "\0"s + std::string(16, '\0') + secret);
    EXPECT_EQ(filtered(jpeg_picture(longer)), jpeg_start + jfif) << code;
    EXPECT_EQ(filtered(jpeg_picture("\xff"s + static_cast<char>(code) + "\0\1"s)),
              jpeg_start + jfif);
  }
}

TEST(JpegFilter, EndsAtWhatDecodersRefuse) {
  for (const int code : {0x02, 0xbf, 0xc8, 0xd8, 0xf0, 0xf7, 0xfd}) {
    EXPECT_EQ(filtered(jpeg_picture(segment(code, secret))), jpeg_start + jfif) << code;
  }
}

TEST(JpegFilter, LeavesOfAPictureThatBreaksOffWhatCame) {
  const auto whole = jpeg_picture(exif_segment(tiff(6)));
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto left = filtered(whole.substr(0, size));
    EXPECT_THAT(left, Not(HoldsTheSecret())) << size;
    EXPECT_THAT(jpeg_picture(exif_segment(tiff_of_orientation(6))), StartsWith(left)) << size;
  }
}

TEST(JpegFilter, StoresOneContentForAPictureWithAnyMetadata) {
  EXPECT_EQ(filtered(jpeg_picture(exif_segment(tiff(6)) + segment(0xfe, "one"))),
            filtered(jpeg_picture(segment(0xfe, "another") + exif_segment(little_tiff(6)))));
}

}  // namespace
}  // namespace fechatter::file
