#include "fechatter_core/file/picture_report.hpp"

#include <gtest/gtest.h>

// What fechatter_thumbnailer says, and what of it is believed.
namespace fechatter::file {
namespace {

const std::string webp_bytes{"RIFF\4\0\0\0WEBPVP8 ...", 19};
const std::string jpeg_bytes{"\xff\xd8\xff\xe0..."};

PictureReport whole_report() {
  PictureReport report;
  report.width = 4000;
  report.height = 3000;
  report.blurhash = "LxH2TC2swxX8qRWDjtaggJfjfQfj";
  report.thumbnails = {webp_bytes, jpeg_bytes, webp_bytes + "large", jpeg_bytes + "large"};
  return report;
}

bool is_refused(const std::string& frames) {
  return !parse_frames(frames);
}

TEST(PictureReports, AreReadAsTheyWereWritten) {
  const auto read = parse_frames(to_frames(whole_report()));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->failure, PictureFailure::none);
  EXPECT_EQ(read->width, 4000);
  EXPECT_EQ(read->height, 3000);
  EXPECT_EQ(read->blurhash, whole_report().blurhash);
  EXPECT_EQ(read->thumbnails, whole_report().thumbnails);
}

TEST(PictureReports, OfAFailureHaveTheSizeWhenItIsKnown) {
  PictureReport report;
  report.failure = PictureFailure::not_a_picture;
  ASSERT_TRUE(parse_frames(to_frames(report)));
  EXPECT_EQ(parse_frames(to_frames(report))->width, 0);
  report.failure = PictureFailure::too_many_pixels;
  report.width = report.height = 60'000;
  const auto read = parse_frames(to_frames(report));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->failure, PictureFailure::too_many_pixels);
  EXPECT_EQ(read->width, 60'000);
}

TEST(PictureReports, ThatAreCutAnywhereOrGoOnAreRefused) {
  const auto frames = to_frames(whole_report());
  for (std::size_t size = 0; size < frames.size(); ++size) {
    EXPECT_TRUE(is_refused(frames.substr(0, size))) << size;
  }
  EXPECT_TRUE(is_refused(frames + "x"));
  EXPECT_TRUE(is_refused(frames + frames));
  EXPECT_TRUE(is_refused("x" + frames));
}

TEST(PictureReports, WithALengthBeyondTheirEndAreRefused) {
  const auto frames = to_frames(whole_report());
  for (const std::size_t length_at : {5U, 18U}) {
    auto longer = frames;
    longer.replace(length_at, 4, "\xff\xff\xff\xff");
    EXPECT_TRUE(is_refused(longer)) << length_at;
  }
}

TEST(PictureReports, WithThumbnailsOfAnotherFormatAreRefused) {
  for (std::size_t i = 0; i < all_thumbnails.size(); ++i) {
    for (const std::string other : {"", "<html>", "RIFF", "\xff\xd8", "GIF89a"}) {
      auto report = whole_report();
      report.thumbnails[i] = other;
      EXPECT_TRUE(is_refused(to_frames(report))) << i << other;
    }
  }
  auto swapped = whole_report();
  std::swap(swapped.thumbnails[0], swapped.thumbnails[1]);
  EXPECT_TRUE(is_refused(to_frames(swapped)));
}

TEST(PictureReports, WithABlurhashOfOtherCharactersAreRefused) {
  for (const auto& other :
       {std::string{"short"}, std::string(41, 'a'), std::string{"LxH2TC<script>"},
        std::string{"LxH2TC\"2sw"}, std::string{"LxH2TC 2sw"}, std::string{"LxH2TC\xc3\xa4"}}) {
    auto report = whole_report();
    report.blurhash = other;
    EXPECT_TRUE(is_refused(to_frames(report))) << other;
  }
}

TEST(PictureReports, WithASizeThatNoPictureHasAreRefused) {
  for (const auto& [width, height] :
       {std::pair{10'001, 10'000}, {1, -1}, {0x7fffffff, 0x7fffffff}}) {
    auto report = whole_report();
    report.width = width;
    report.height = height;
    EXPECT_TRUE(is_refused(to_frames(report))) << width;
  }
  auto unknown = whole_report();
  unknown.width = 0;
  EXPECT_TRUE(is_refused(to_frames(unknown)));
}

TEST(PictureReports, OfAnUnknownFailureAreRefused) {
  for (const char code : {'\0', '\4', '\x7f', '\xff'}) {
    EXPECT_TRUE(is_refused(std::string{"FTR1F\0\0\0\1", 9} + code)) << int{code};
  }
  EXPECT_FALSE(is_refused(std::string{"FTR1F\0\0\0\1\1", 10}));
}

TEST(PictureReports, OfMoreThan4MiBAreRefused) {
  auto report = whole_report();
  const auto rest = to_frames(report).size();
  report.thumbnails[0].append(PictureReport::bytes_max - rest, 'x');
  EXPECT_FALSE(is_refused(to_frames(report)));
  report.thumbnails[0] += 'x';
  EXPECT_TRUE(is_refused(to_frames(report)));
}

}  // namespace
}  // namespace fechatter::file
