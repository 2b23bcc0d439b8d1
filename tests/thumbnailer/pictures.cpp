#include "tests/thumbnailer/pictures.hpp"

#include <cmath>
#include <stdexcept>

namespace fechatter::test {
namespace {

constexpr Rgb colours[] = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 0}};

void require_done(int result) {
  if (result != 0) throw std::runtime_error{vips_error_buffer()};
}

VipsPicture owned(VipsImage* image) {
  if (image == nullptr) throw std::runtime_error{vips_error_buffer()};
  return VipsPicture{image};
}

}  // namespace

void start_vips_for_tests() {
  require_done(VIPS_INIT("tests"));
  vips_cache_set_max(0);
}

VipsPicture quarters(int width, int height, int bands) {
  std::string pixels;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool is_left = x < (width + 1) / 2;
      const auto& colour = colours[(y < (height + 1) / 2 ? 0 : 2) + (is_left ? 0 : 1)];
      for (const int value : colour) pixels += static_cast<char>(value);
      if (bands == 4) pixels += is_left ? '\0' : '\xff';
    }
  }
  const auto raw = owned(vips_image_new_from_memory_copy(pixels.data(), pixels.size(), width,
                                                         height, bands, VIPS_FORMAT_UCHAR));
  VipsImage* image = nullptr;
  require_done(vips_copy(raw.get(), &image, "interpretation", VIPS_INTERPRETATION_sRGB, nullptr));
  return owned(image);
}

std::string saved(const VipsPicture& picture, const std::string& suffix) {
  void* bytes = nullptr;
  std::size_t size = 0;
  require_done(vips_image_write_to_buffer(picture.get(), suffix.c_str(), &bytes, &size, nullptr));
  std::string text{static_cast<const char*>(bytes), size};
  g_free(bytes);
  return text;
}

void set_text(const VipsPicture& picture, const std::string& field, const std::string& text) {
  vips_image_set_string(picture.get(), field.c_str(), text.c_str());
}

void set_number(const VipsPicture& picture, const std::string& field, int number) {
  vips_image_set_int(picture.get(), field.c_str(), number);
}

VipsPicture with_16_bits(const VipsPicture& picture) {
  VipsImage* wide = nullptr;
  require_done(vips_colourspace(picture.get(), &wide, VIPS_INTERPRETATION_RGB16, nullptr));
  return owned(wide);
}

VipsPicture with_profile(const VipsPicture& picture, const std::string& profile) {
  VipsImage* other = nullptr;
  require_done(
      vips_icc_transform(picture.get(), &other, profile.c_str(), "input_profile", "srgb", nullptr));
  return owned(other);
}

VipsPicture loaded(std::string_view bytes) {
  return owned(vips_image_new_from_buffer(bytes.data(), bytes.size(), "", nullptr));
}

Rgb colour_of_quarter(const VipsPicture& picture, int quarter) {
  const int x = vips_image_get_width(picture.get()) * (quarter % 2 == 0 ? 1 : 3) / 4;
  const int y = vips_image_get_height(picture.get()) * (quarter < 2 ? 1 : 3) / 4;
  double* values = nullptr;
  int count = 0;
  require_done(vips_getpoint(picture.get(), &values, &count, x, y, nullptr));
  Rgb colour{};
  for (int i = 0; i < 3 && i < count; ++i) {
    colour[static_cast<std::size_t>(i)] = static_cast<int>(std::lround(values[i]));
  }
  g_free(values);
  return colour;
}

bool has_metadata(const VipsPicture& picture) {
  for (const auto* field : {VIPS_META_EXIF_NAME, VIPS_META_XMP_NAME, VIPS_META_IPTC_NAME,
                            VIPS_META_ICC_NAME, "jpeg-comment", "png-comment-0"}) {
    if (vips_image_get_typeof(picture.get(), field) != 0) return true;
  }
  return false;
}

}  // namespace fechatter::test
