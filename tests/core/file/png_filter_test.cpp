#include "tests/core/file/metadata_filter_test.hpp"

// What is stored of PNG pictures.
namespace fechatter::file {
namespace {

using namespace std::string_literals;
using namespace test::pictures;
using testing::Not;
using testing::StartsWith;

std::string damaged(std::string bytes) {
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  return bytes;
}

TEST(PngFilter, LeavesAPictureWithoutMetadataAsItIs) {
  EXPECT_EQ(filtered(png_picture()), png_picture());
}

TEST(PngFilter, LeavesWhatMattersForWhatIsSeen) {
  const auto seen = chunk("gAMA", "\0\0\xb1\x8f"s) + chunk("cHRM", std::string(32, 'c')) +
                    chunk("sRGB", "\0"s) + chunk("iCCP", "icc\0\0"s + std::string(70'000, 'p')) +
                    chunk("cICP", "\1\x0d\0\1"s) + chunk("sBIT", "\x08\x08\x08\x08") +
                    chunk("PLTE", std::string(768, 'p')) + chunk("tRNS", std::string(256, 't')) +
                    chunk("bKGD", "\0\0\0\0\0\0"s) + chunk("hIST", std::string(512, 'h')) +
                    chunk("pHYs", "\0\0\x0b\x13\0\0\x0b\x13\1"s) +
                    chunk("mDCV", std::string(24, 'm')) + chunk("cLLI", std::string(8, 'l')) +
                    chunk("acTL", "\0\0\0\2\0\0\0\0"s) + chunk("fcTL", std::string(26, 'f'));
  const auto frame = chunk("fcTL", std::string(26, 'f')) + chunk("fdAT", std::string(9000, 'd'));
  const auto whole = png_start + png_header + seen + png_pixels + png_pixels + frame + png_end;
  EXPECT_TRUE(filtered(whole) == whole);
}

TEST(PngFilter, RemovesEachKindOfMetadata) {
  for (const auto& metadata :
       {chunk("tEXt", "GPS\0"s + secret), chunk("zTXt", "raw profile type exif\0\0"s + secret),
        chunk("iTXt", "XML:com.adobe.xmp\0\0\0\0\0"s + secret), chunk("tIME", secret),
        chunk("eXIf", tiff(1)), chunk("eXIf", secret), chunk("sPLT", secret), chunk("caBX", secret),
        chunk("iDOT", secret), chunk("prVt", secret), chunk("eXIf", std::string(65'537, 'x')),
        chunk("tEXt", std::string(300'000, 'x'))}) {
    EXPECT_EQ(filtered(png_picture(metadata)), png_picture()) << metadata.substr(0, 40);
    EXPECT_EQ(filtered(png_start + png_header + png_pixels + metadata + png_end), png_picture());
  }
}

TEST(PngFilter, LeavesTheOrientationOfAPictureThatIsTurned) {
  for (int orientation = 2; orientation <= 8; ++orientation) {
    const auto left = png_picture(chunk("eXIf", tiff_of_orientation(orientation)));
    EXPECT_EQ(filtered(png_picture(chunk("eXIf", tiff(orientation)))), left);
    EXPECT_EQ(filtered(png_picture(chunk("eXIf", little_tiff(orientation)))), left);
  }
  EXPECT_EQ(filtered(png_picture(chunk("eXIf", tiff(6)) + chunk("eXIf", tiff(3)))),
            png_picture(chunk("eXIf", tiff_of_orientation(6))));
}

TEST(PngFilter, RemovesWhatFollowsThePicture) {
  for (const auto& appended : {secret, png_picture(), "PK\3\4"s + secret, "\0"s}) {
    EXPECT_EQ(filtered(png_picture("", appended)), png_picture()) << appended;
  }
}

TEST(PngFilter, DropsAnAncillaryChunkThatIsBroken) {
  EXPECT_EQ(filtered(png_picture(damaged(chunk("gAMA", "\0\0\xb1\x8f"s)))), png_picture());
  EXPECT_EQ(filtered(png_picture(chunk("gAMA", secret))), png_picture());
  EXPECT_EQ(filtered(png_picture(damaged(chunk("eXIf", tiff(6))))), png_picture());
}

TEST(PngFilter, EndsAtACriticalChunkThatIsBroken) {
  for (const auto& broken :
       {damaged(chunk("PLTE", "rgb")), chunk("PLTE", std::string(780, 'p')), chunk("IEND", secret),
        damaged(png_end), chunk("ABCD", secret), chunk("IHDR", secret), "\x80\0\0\0tEXt"s + secret,
        chunk("te\0t"s, secret), chunk("t3Xt", secret)}) {
    EXPECT_EQ(filtered(png_picture(broken)), png_start + png_header) << broken;
  }
}

// The next chunks then begin within the text, or the text swallows them.
TEST(PngFilter, LeavesNothingOfATextWhoseLengthIsWrong) {
  const auto text = chunk("tEXt", "GPS\0"s + secret + secret);
  for (std::uint32_t length = 0; length < 100; ++length) {
    auto broken = text;
    broken.replace(0, 4, big_endian(length, 4));
    EXPECT_THAT(filtered(png_picture(broken)), Not(HoldsTheSecret())) << length;
  }
}

TEST(PngFilter, LeavesOfAPictureThatBreaksOffWhatCame) {
  const auto whole = png_picture(chunk("eXIf", tiff(6)) + chunk("tEXt", secret));
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto left = filtered(whole.substr(0, size));
    EXPECT_THAT(left, Not(HoldsTheSecret())) << size;
    EXPECT_THAT(png_picture(chunk("eXIf", tiff_of_orientation(6))), StartsWith(left)) << size;
  }
}

}  // namespace
}  // namespace fechatter::file
