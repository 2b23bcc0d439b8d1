#include "tests/core/file/metadata_filter_test.hpp"

// What is stored of HEIC and AVIF pictures.
namespace fechatter::file {
namespace {

using namespace std::string_literals;
using namespace test::pictures;
using testing::Not;
using testing::StartsWith;

const HeifItem pixels{"hvc1", "pixels of a picture"};

// What takes the place of EXIF of that size.
std::string emptied(std::size_t size) {
  auto exif = "\0\0\0\0"s + tiff_of_orientation(1);
  exif.resize(size, '\0');
  return exif;
}

HeifItem exif_item() {
  return {"Exif", "\0\0\0\0"s + tiff(6)};
}

TEST(HeifFilter, LeavesAPictureWithoutMetadataAsItIs) {
  for (int version = 0; version <= 2; ++version) {
    const auto whole = heif_picture({pixels, {"grid", "tiles"}, pixels}, {version});
    EXPECT_EQ(filtered(whole), whole);
  }
}

TEST(HeifFilter, OverwritesExifAndTextsWhereverTheyAre) {
  const auto exif = exif_item();
  const auto size = exif.content.size();
  for (const auto& places : {HeifPlaces{0}, HeifPlaces{1}, HeifPlaces{2}, HeifPlaces{1, true}}) {
    EXPECT_EQ(
        filtered(heif_picture({pixels, exif, {"mime", secret}, pixels, {"uri ", secret}}, places)),
        heif_picture({pixels,
                      {"Exif", emptied(size)},
                      {"mime", std::string(secret.size(), '\0')},
                      pixels,
                      {"uri ", std::string(secret.size(), '\0')}},
                     places));
  }
}

TEST(HeifFilter, OverwritesMetadataOfAnySize) {
  for (const std::size_t size : {1, 29, 30, 31, 4096, 100'000}) {
    const auto left = size < 30 ? std::string(size, '\0') : emptied(size);
    const auto stored = filtered(heif_picture({{"Exif", std::string(size, 'x')}, pixels}));
    EXPECT_TRUE(stored == heif_picture({{"Exif", left}, pixels})) << size;
  }
}

TEST(HeifFilter, OverwritesBoxesThatHoldNoPicture) {
  for (const auto* type : {"uuid", "free", "mpvd", "udta", "meta"}) {
    EXPECT_EQ(filtered(heif_picture({pixels}) + box(type, secret)),
              heif_picture({pixels}) + box("free", std::string(secret.size(), '\0')));
  }
  const auto large = "\0\0\0\1mpvd"s + big_endian(16 + secret.size(), 8);
  EXPECT_THAT(filtered(heif_picture({pixels}) + large + secret), Not(HoldsTheSecret()));
  EXPECT_THAT(filtered(heif_picture({pixels}) + "\0\0\0\0mpvd"s + secret), Not(HoldsTheSecret()));
}

TEST(HeifFilter, OverwritesWhatALengthThatIsTooLargeNames) {
  const auto whole = heif_picture({pixels, exif_item()}, {1, false, 1'000'000});
  EXPECT_EQ(filtered(whole), heif_picture({pixels, {"Exif", emptied(exif_item().content.size())}},
                                          {1, false, 1'000'000}));
}

TEST(HeifFilter, EndsAtATableThatDoesNotSayWhereMetadataIs) {
  const auto table = [](const std::string& boxes) { return box("meta", "\0\0\0\0"s + boxes); };
  const auto exif = box("iinf", "\0\0\0\0\0\1"s + box("infe", "\2\0\0\0\0\1\0\0Exif\0"s));
  const auto of_version = [](char version) {
    return "\0\0\0\0\x44\0\0\1\0\1"s.replace(0, 1, 1, version);
  };
  for (const auto& broken :
       {table(box("iinf", "\0\0\0\0\0\1\0\0"s)), table("\0\0\0\7iloc"s), table("\0\0\1\0iloc"s),
        table(exif + box("iloc", of_version(0) + "\0\0\0\1\0\0\0\1\0\0\0\0"s)),      // length 0
        table(exif + box("iloc", of_version(1) + "\0\2\0\0\0\1\0\0\0\1\0\0\0\1"s)),  // in an item
        table(exif + box("iloc", "\0\0\0\0\x40\0\0\1\0\1\0\0\0\1\0\0\0\1"s)),        // no lengths
        table(exif + box("iloc", of_version(0) + "\0\0\0\1\0\0\0\1"s)),              // breaks off
        box("meta", std::string(65'536, '\0')), "\0\0\0\0meta"s, "\0\0\0\1meta\0\0\0\0\0\0\0\x20"s,
        box("meta", ""), "\0\0\0\7free"s, "\0\0\0\1free\0\0\0\0\0\0\0\x0f"s}) {
    EXPECT_EQ(filtered(heif_start + broken + box("mdat", secret)), heif_start)
        << broken.substr(0, 100);
  }
}

TEST(HeifFilter, LeavesOfAPictureThatBreaksOffWhatCame) {
  const auto whole = heif_picture({pixels, exif_item(), {"mime", secret}}) + box("uuid", secret);
  const auto left = filtered(whole);
  EXPECT_EQ(left.size(), whole.size());
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto part = filtered(whole.substr(0, size));
    EXPECT_THAT(part, Not(HoldsTheSecret())) << size;
    EXPECT_THAT(left, StartsWith(part)) << size;
  }
}

}  // namespace
}  // namespace fechatter::file
