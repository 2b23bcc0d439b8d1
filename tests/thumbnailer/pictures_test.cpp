#include <fcntl.h>
#include <gmock/gmock.h>
#include <zlib.h>

#include <fstream>

#include "fechatter_core/file/picture_report.hpp"
#include "fechatter_server/file/child_process.hpp"
#include "tests/support/places.hpp"
#include "tests/support/png.hpp"
#include "tests/support/process.hpp"
#include "tests/thumbnailer/pictures.hpp"

// The real process, with pictures of all kinds and with what is none.
namespace fechatter::test {
namespace {

using file::PictureFailure;
using file::PictureReport;

class ThumbnailerProcess : public testing::Test {
 protected:
  static void SetUpTestSuite() { start_vips_for_tests(); }

  // On a machine that is busy it takes long; how long it may take is tested elsewhere.
  server::ChildEnd run(std::string_view content) const {
    const auto path = scratch.path("picture");
    std::ofstream{path, std::ios::binary} << content;
    const file::Descriptor input{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    const server::ChildLimits limits{std::chrono::seconds{60}, PictureReport::bytes_max};
    return run_child(thumbnailer_program(), input, limits, file::Descriptor{});
  }
  PictureReport look_at(std::string_view content) const {
    const auto end = run(content);
    EXPECT_EQ(end.reason, "");
    auto report = file::parse_frames(end.output);
    EXPECT_TRUE(report) << "the output is a report";
    return report.value_or(PictureReport{});
  }
  PictureFailure failure_of(std::string_view content) const { return look_at(content).failure; }

  ScratchFolder scratch;
};

void expect_near(const Rgb& colour, const Rgb& expected) {
  for (std::size_t i = 0; i < colour.size(); ++i) {
    EXPECT_NEAR(colour[i], expected[i], 40) << testing::PrintToString(colour);
  }
}

void expect_quarters(std::string_view thumbnail) {
  const auto picture = loaded(thumbnail);
  expect_near(colour_of_quarter(picture, 0), {255, 0, 0});
  expect_near(colour_of_quarter(picture, 1), {0, 255, 0});
  expect_near(colour_of_quarter(picture, 2), {0, 0, 255});
  expect_near(colour_of_quarter(picture, 3), {255, 255, 0});
}

std::pair<int, int> size_of(std::string_view thumbnail) {
  const auto picture = loaded(thumbnail);
  return {vips_image_get_width(picture.get()), vips_image_get_height(picture.get())};
}

TEST_F(ThumbnailerProcess, ThumbnailsHaveALongestEdgeOf360And1280) {
  const auto report = look_at(png_of(2000, 1000));
  EXPECT_EQ(report.width, 2000);
  EXPECT_EQ(report.height, 1000);
  EXPECT_EQ(report.blurhash.size(), 28U);
  EXPECT_EQ(size_of(report.thumbnails[0]), std::pair(360, 180));
  EXPECT_EQ(size_of(report.thumbnails[1]), std::pair(360, 180));
  EXPECT_EQ(size_of(report.thumbnails[2]), std::pair(1280, 640));
  EXPECT_EQ(size_of(report.thumbnails[3]), std::pair(1280, 640));
}

TEST_F(ThumbnailerProcess, ASmallPictureIsNotEnlarged) {
  for (const auto& [width, height] : {std::pair{1, 1}, {7, 3}, {359, 360}}) {
    const auto report = look_at(png_of(width, height));
    EXPECT_EQ(report.failure, PictureFailure::none) << width;
    for (const auto& thumbnail : report.thumbnails) {
      EXPECT_EQ(size_of(thumbnail), std::pair(width, height));
    }
  }
}

VipsPicture rotated(const VipsPicture& picture, VipsAngle angle) {
  VipsImage* out = nullptr;
  EXPECT_EQ(vips_rot(picture.get(), &out, angle, nullptr), 0);
  return VipsPicture{out};
}

VipsPicture mirrored(const VipsPicture& picture) {
  VipsImage* out = nullptr;
  EXPECT_EQ(vips_flip(picture.get(), &out, VIPS_DIRECTION_HORIZONTAL, nullptr), 0);
  return VipsPicture{out};
}

VipsPicture in_memory(const VipsPicture& picture) {
  return VipsPicture{vips_image_copy_memory(picture.get())};
}

// Stored so that a reader that applies the orientation shows the quarters.
std::string stored_turned(int orientation) {
  struct Turn {
    VipsAngle angle;
    bool is_mirrored;
  };
  constexpr Turn turns[] = {{VIPS_ANGLE_D0, false},   {VIPS_ANGLE_D0, true},
                            {VIPS_ANGLE_D180, false}, {VIPS_ANGLE_D180, true},
                            {VIPS_ANGLE_D90, true},   {VIPS_ANGLE_D270, false},
                            {VIPS_ANGLE_D270, true},  {VIPS_ANGLE_D90, false}};
  const auto& turn = turns[orientation - 1];
  auto picture = rotated(quarters(640, 400), turn.angle);
  if (turn.is_mirrored) picture = mirrored(picture);
  picture = in_memory(picture);
  set_number(picture, VIPS_META_ORIENTATION, orientation);
  return saved(picture, ".jpg");
}

TEST_F(ThumbnailerProcess, EachOrientationIsApplied) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const auto report = look_at(stored_turned(orientation));
    EXPECT_EQ(report.width, 640) << orientation;
    EXPECT_EQ(report.height, 400) << orientation;
    ASSERT_EQ(report.failure, PictureFailure::none) << orientation;
    for (const auto& thumbnail : report.thumbnails) expect_quarters(thumbnail);
  }
}

TEST_F(ThumbnailerProcess, EachFormatIsRead) {
  for (const auto* suffix : {".jpg", ".png", ".webp", ".gif", ".tif", ".avif"}) {
    const auto report = look_at(saved(quarters(400, 300), suffix));
    EXPECT_EQ(report.failure, PictureFailure::none) << suffix;
    ASSERT_EQ(report.width, 400) << suffix;
    ASSERT_EQ(report.failure, PictureFailure::none) << suffix;
    for (const auto& thumbnail : report.thumbnails) expect_quarters(thumbnail);
  }
}

TEST_F(ThumbnailerProcess, APictureOf16BitsBecomesOneOf8) {
  const auto report = look_at(saved(with_16_bits(quarters(400, 300)), ".png"));
  for (const auto& thumbnail : report.thumbnails) {
    expect_quarters(thumbnail);
    EXPECT_EQ(vips_image_get_format(loaded(thumbnail).get()), VIPS_FORMAT_UCHAR);
  }
}

TEST_F(ThumbnailerProcess, TheColoursOfAnotherProfileBecomeThoseOfSrgb) {
  for (const auto* suffix : {".jpg", ".png"}) {
    const auto wide = with_profile(quarters(400, 300), "p3");
    // Green of sRGB has some red in the wider colours of Display P3.
    ASSERT_GT(colour_of_quarter(wide, 1)[0], 100);
    const auto report = look_at(saved(wide, suffix));
    ASSERT_EQ(report.failure, PictureFailure::none);
    for (const auto& thumbnail : report.thumbnails) expect_quarters(thumbnail);
  }
}

TEST_F(ThumbnailerProcess, WhatIsTransparentStaysSoInWebpAndIsWhiteInJpeg) {
  const auto report = look_at(saved(quarters(400, 300, 4), ".png"));
  EXPECT_EQ(vips_image_hasalpha(loaded(report.thumbnails[0]).get()), TRUE);
  const auto jpeg = loaded(report.thumbnails[1]);
  expect_near(colour_of_quarter(jpeg, 0), {255, 255, 255});
  expect_near(colour_of_quarter(jpeg, 1), {0, 255, 0});
}

TEST_F(ThumbnailerProcess, OfAnAnimatedPictureTheFirstFrameCounts) {
  for (const auto* suffix : {".gif", ".webp"}) {
    const auto first = quarters(100, 50);
    VipsImage* both = nullptr;
    // The second frame has other colours in each place.
    ASSERT_EQ(
        vips_join(first.get(), mirrored(first).get(), &both, VIPS_DIRECTION_VERTICAL, nullptr), 0);
    const auto animated = in_memory(VipsPicture{both});
    set_number(animated, VIPS_META_PAGE_HEIGHT, 50);
    const auto report = look_at(saved(animated, suffix));
    EXPECT_EQ(report.width, 100) << suffix;
    EXPECT_EQ(report.height, 50) << suffix;
    for (const auto& thumbnail : report.thumbnails) {
      EXPECT_EQ(size_of(thumbnail), std::pair(100, 50));
      expect_quarters(thumbnail);
    }
  }
}

TEST_F(ThumbnailerProcess, NothingOfThePictureButItsPixelsIsInAThumbnail) {
  const auto picture = in_memory(quarters(640, 400));
  set_text(picture, "exif-ifd3-GPSLatitude",
           "51/1 30/1 0/1 (51, 30, 0, Rational, 3 components, 24 bytes)");
  set_text(picture, "exif-ifd0-Copyright",
           "Alice Adams (Alice Adams, ASCII, 12 components, 12 bytes)");
  const std::string place = "<x:xmpmeta>51.5 N, Alice Adams</x:xmpmeta>";
  vips_image_set_blob_copy(picture.get(), VIPS_META_XMP_NAME, place.data(), place.size());
  const auto content = saved(picture, ".jpg");
  ASSERT_TRUE(has_metadata(loaded(content)));
  ASSERT_NE(content.find("Alice Adams"), content.npos);
  const auto report = look_at(content);
  for (const auto& thumbnail : report.thumbnails) {
    for (const auto* part : {"Alice", "Adams", "51.5", "51/1", "xmp", "ICC", "http"}) {
      EXPECT_EQ(thumbnail.find(part), thumbnail.npos) << part;
    }
  }
}

TEST_F(ThumbnailerProcess, APictureOfTooManyPixelsIsRefusedByItsHeader) {
  const auto bomb = png_header(60'000, 60'000) + png_chunk("IDAT", "x") + png_chunk("IEND", "");
  const auto report = look_at(bomb);
  EXPECT_EQ(report.failure, PictureFailure::too_many_pixels);
  EXPECT_EQ(report.width, 60'000);
  EXPECT_EQ(report.height, 60'000);
  EXPECT_EQ(failure_of(png_header(10'001, 10'000) + png_chunk("IDAT", "x")),
            PictureFailure::too_many_pixels);
}

TEST_F(ThumbnailerProcess, AColourProfileThatInflatesToGigabytesDoesNoHarm) {
  const std::string zeros(200 << 20, '\0');
  auto size = compressBound(zeros.size());
  std::string profile(size, '\0');
  ASSERT_EQ(compress2(reinterpret_cast<Bytef*>(profile.data()), &size,
                      reinterpret_cast<const Bytef*>(zeros.data()), zeros.size(), 1),
            Z_OK);
  profile.resize(size);
  auto bomb = png_of(100, 100);
  bomb.insert(png_header(100, 100).size(), png_chunk("iCCP", std::string{"x\0\0", 3} + profile));
  const auto end = run(bomb);
  EXPECT_TRUE(end.started);
  EXPECT_TRUE(!end.succeeded || file::parse_frames(end.output));
}

// As far as the format allows, what is there is shown.
TEST_F(ThumbnailerProcess, APictureThatIsCutEndsNoProcess) {
  for (const auto* suffix : {".jpg", ".png", ".webp", ".gif", ".tif"}) {
    const auto whole = saved(quarters(400, 300), suffix);
    for (const int tenths : {0, 1, 3, 5, 8}) {
      const auto cut = whole.substr(0, whole.size() * static_cast<std::size_t>(tenths) / 10);
      const auto end = run(cut);
      EXPECT_EQ(end.reason, "") << suffix << tenths;
      EXPECT_TRUE(file::parse_frames(end.output)) << suffix << tenths;
    }
  }
  const auto webp = saved(quarters(400, 300), ".webp");
  EXPECT_NE(failure_of(webp.substr(0, webp.size() / 3)), PictureFailure::none);
}

TEST_F(ThumbnailerProcess, WhatIsNoPictureOfASupportedKindIsRefused) {
  const std::string svg = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'></svg>";
  const std::string ppm = "P6 1 1 255\nabc";
  const std::string csv = "1,2,3\n4,5,6\n";
  for (const auto& content : {std::string{}, std::string{"hello"}, svg, ppm, csv,
                              std::string{"%PDF-1.7\n"}, std::string(5000, '\0')}) {
    EXPECT_EQ(failure_of(content), PictureFailure::not_a_picture) << content.substr(0, 20);
  }
}

}  // namespace
}  // namespace fechatter::test
