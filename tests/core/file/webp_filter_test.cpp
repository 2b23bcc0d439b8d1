#include "tests/core/file/metadata_filter_test.hpp"

// What is stored of WebP pictures.
namespace fechatter::file {
namespace {

using namespace std::string_literals;
using namespace test::pictures;
using testing::Not;
using testing::StartsWith;

constexpr int profile_flag = 0x20;
constexpr int alpha_flag = 0x10;
constexpr int exif_flag = 0x08;
constexpr int xmp_flag_of_webp = 0x04;
constexpr int animation_flag = 0x02;

std::string junk(std::size_t size) {
  return riff_chunk("JUNK", std::string(size, '\0'));
}

// EXIF of that size, of which nothing but the orientation is left.
std::string oriented(int orientation, std::size_t size) {
  auto tiff = tiff_of_orientation(orientation);
  tiff.resize(size, '\0');
  return riff_chunk("EXIF", tiff);
}

TEST(WebpFilter, LeavesAPictureWithoutMetadataAsItIs) {
  const auto profile = riff_chunk("ICCP", std::string(70'001, 'p'));
  const auto frame =
      riff_chunk("ANMF", std::string(16, 'f') + riff_chunk("ALPH", "abc") + webp_pixels);
  const auto animation = webp_canvas(animation_flag) + riff_chunk("ANIM", "\0\0\0\0\0\0"s) + frame;
  for (const auto& whole :
       {webp_picture(webp_pixels), webp_picture(riff_chunk("VP8 ", "lossy")),
        webp_picture(animation + frame),
        webp_picture(webp_canvas(profile_flag | alpha_flag) + profile + webp_pixels)}) {
    EXPECT_TRUE(filtered(whole) == whole) << whole.substr(0, 100);
  }
}

TEST(WebpFilter, LeavesTheOrientationOfExif) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const auto& exif :
         {tiff(orientation), little_tiff(orientation), "Exif\0\0"s + tiff(orientation)}) {
      EXPECT_EQ(
          filtered(webp_picture(webp_canvas(exif_flag) + webp_pixels + riff_chunk("EXIF", exif))),
          webp_picture(webp_canvas(exif_flag) + webp_pixels + oriented(orientation, exif.size())));
    }
  }
}

TEST(WebpFilter, OverwritesExifOfAnySize) {
  for (const std::size_t size : {0, 1, 25, 26, 27, 65'536, 65'537, 200'001}) {
    const auto exif = std::string(size, 'x');
    auto left = oriented(1, size);
    if (size < 26) left = riff_chunk("EXIF", std::string(size, '\0'));
    EXPECT_EQ(filtered(webp_picture(webp_pixels + riff_chunk("EXIF", exif) + webp_pixels)),
              webp_picture(webp_pixels + left + webp_pixels));
  }
}

TEST(WebpFilter, OverwritesXmpAndWhatIsNotKnown) {
  const auto flags = exif_flag | xmp_flag_of_webp | alpha_flag;
  for (const auto* type : {"XMP ", "META", "C2PA", "exif", "LIST"}) {
    EXPECT_EQ(
        filtered(webp_picture(webp_canvas(flags) + webp_pixels + riff_chunk(type, secret))),
        webp_picture(webp_canvas(exif_flag | alpha_flag) + webp_pixels + junk(secret.size())));
  }
  EXPECT_EQ(filtered(webp_picture(webp_pixels + riff_chunk("XMP ", std::string(9001, 'x')) +
                                  webp_pixels)),
            webp_picture(webp_pixels + junk(9001) + webp_pixels));
}

TEST(WebpFilter, OverwritesMetadataInFrames) {
  const auto frame = [](const std::string& more) {
    return riff_chunk("ANMF", std::string(16, 'f') + webp_pixels + more);
  };
  const auto animation = webp_canvas(animation_flag) + riff_chunk("ANIM", "\0\0\0\0\0\0"s);
  EXPECT_EQ(filtered(webp_picture(animation + frame(riff_chunk("XMP ", secret)) + frame(""))),
            webp_picture(animation + frame(junk(secret.size())) + frame("")));
}

TEST(WebpFilter, RemovesWhatFollowsThePicture) {
  EXPECT_EQ(filtered(webp_picture(webp_pixels) + secret), webp_picture(webp_pixels));
  EXPECT_EQ(filtered(webp_picture(webp_pixels) + riff_chunk("EXIF", secret)),
            webp_picture(webp_pixels));
  EXPECT_EQ(filtered("RIFF\0\0\0\0WEBP"s + secret), "RIFF\0\0\0\0WEBP"s);
}

TEST(WebpFilter, EndsAtAChunkThatIsLongerThanItsPlace) {
  auto too_long = riff_chunk("VP8L", secret + "x");
  too_long[4] = static_cast<char>(too_long[4] + 1);
  EXPECT_EQ(filtered(webp_picture(webp_pixels + too_long)).substr(8),
            webp_picture(webp_pixels).substr(8));
  // Longer than its frame, not than the file.
  const auto head = std::string(16, 'f');
  const auto animation =
      webp_picture(riff_chunk("ANMF", head + too_long) + riff_chunk("EXIF", secret));
  EXPECT_EQ(filtered(animation), animation.substr(0, 12 + 8 + 16));
}

TEST(WebpFilter, EndsAtAChunkOfASizeThatItCannotHave) {
  for (const auto& broken : {riff_chunk("VP8X", secret), riff_chunk("ANIM", secret),
                             riff_chunk("ANMF", "short"), riff_chunk("VP8X", "")}) {
    EXPECT_EQ(filtered(webp_picture(webp_pixels + broken)).substr(8),
              webp_picture(webp_pixels).substr(8));
  }
}

TEST(WebpFilter, LeavesOfAPictureThatBreaksOffWhatCame) {
  const auto whole = webp_picture(webp_canvas(exif_flag | xmp_flag_of_webp) + webp_pixels +
                                  riff_chunk("EXIF", tiff(6)) + riff_chunk("XMP ", secret));
  const auto left = filtered(whole);
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto part = filtered(whole.substr(0, size));
    EXPECT_THAT(part, Not(HoldsTheSecret())) << size;
    EXPECT_THAT(left, StartsWith(part)) << size;
  }
}

}  // namespace
}  // namespace fechatter::file
