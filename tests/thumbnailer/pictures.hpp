#pragma once

#include <string>
#include <string_view>

#include <vips/vips.h>

#include <array>
#include <memory>

// Pictures of tests, made by libvips, and what it finds in thumbnails.
namespace fechatter::test {

struct UnrefImage {
  void operator()(VipsImage* image) const { g_object_unref(image); }
};
using VipsPicture = std::unique_ptr<VipsImage, UnrefImage>;
using Rgb = std::array<int, 3>;

// Once, before anything else.
void start_vips_for_tests();

// Its left upper quarter is red, the right upper one green, the left lower one blue, and the right
// lower one yellow. `bands`: 3, or 4 with an alpha of 0 in the left half.
VipsPicture quarters(int width, int height, int bands = 3);
// In the format of the suffix: ".jpg", ".png", ".webp", ".gif", ".tif", ".avif".
std::string saved(const VipsPicture& picture, const std::string& suffix);
// With a text of its metadata: "exif-ifd3-GPSLatitude".
void set_text(const VipsPicture& picture, const std::string& field, const std::string& text);
void set_number(const VipsPicture& picture, const std::string& field, int number);
// The same colours by another profile, which it carries: "p3".
VipsPicture with_profile(const VipsPicture& picture, const std::string& profile);
// 16 bits in each band.
VipsPicture with_16_bits(const VipsPicture& picture);

VipsPicture loaded(std::string_view bytes);
// The colour in the middle of a quarter: 0 to 3 in the order above.
Rgb colour_of_quarter(const VipsPicture& picture, int quarter);
// Whether it has any EXIF, XMP, IPTC or colour profile.
bool has_metadata(const VipsPicture& picture);

}  // namespace fechatter::test
