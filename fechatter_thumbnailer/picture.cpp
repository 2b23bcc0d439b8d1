#include "fechatter_thumbnailer/picture.hpp"

#include <sys/stat.h>
#include <vips/vips.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <utility>

#include "fechatter_thumbnailer/blurhash.hpp"
#include "fechatter_thumbnailer/webp_chunks.hpp"

namespace fechatter::thumbnailer {
namespace {

constexpr int quality = 80;
constexpr int blurhash_edge = 32;

constexpr const char* loaders[] = {"VipsForeignLoadJpeg", "VipsForeignLoadPng",
                                   "VipsForeignLoadWebp", "VipsForeignLoadNsgif",
                                   "VipsForeignLoadTiff", "VipsForeignLoadHeif"};

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
struct Free {
  void operator()(void* memory) const { g_free(memory); }
};
using Source = std::unique_ptr<VipsSource, Unref>;
using Image = std::unique_ptr<VipsImage, Unref>;

// The beginning of the picture was read, and something behind it cannot be.
struct Damaged {};

// The image that a function of libvips has made, unless it has failed.
template <class Make>
Image made(Make make) {
  VipsImage* image = nullptr;
  if (make(&image) != 0) throw Damaged{};
  return Image{image};
}

// Everything that is loaded at its first use is loaded now.
void warm_up() {
  // No picture, but enough of one to ask the library for HEIC, which loads its decoders.
  static constexpr char heic[] =
      "\0\0\0\x18"
      "ftypheic\0\0\0\0mif1heic";
  VipsImage* image = nullptr;
  if (vips_heifload_buffer(const_cast<char*>(heic), sizeof heic - 1, &image, nullptr) == 0) {
    g_object_unref(image);
  }
  vips_error_clear();
}

bool is_turned(VipsImage* image) {
  return vips_image_get_orientation_swap(image) != 0;
}

Image open_header(VipsSource* source) {
  return Image{vips_image_new_from_source(source, "", "access", VIPS_ACCESS_SEQUENTIAL, nullptr)};
}

// The bytes that a function of libvips has written, unless it has failed.
template <class Write>
std::string written(Write write) {
  void* bytes = nullptr;
  std::size_t size = 0;
  if (write(&bytes, &size) != 0) throw Damaged{};
  const std::unique_ptr<void, Free> owner{bytes};
  return {static_cast<const char*>(bytes), size};
}

// The pixels of an image of 8 bits.
std::string pixels_of(VipsImage* image) {
  return written([&](void** bytes, std::size_t* size) {
    *bytes = vips_image_write_to_memory(image, size);
    return *bytes == nullptr ? -1 : 0;
  });
}

// In 8 bits of sRGB, of the pixels alone: a new image, so that nothing else of the picture is left
// that could come into a thumbnail, be it a place, a name or a profile.
Image plain(VipsImage* image) {
  const auto srgb = made([&](VipsImage** out) {
    return vips_colourspace(image, out, VIPS_INTERPRETATION_sRGB, nullptr);
  });
  const auto bytes =
      made([&](VipsImage** out) { return vips_cast(srgb.get(), out, VIPS_FORMAT_UCHAR, nullptr); });
  const auto pixels = pixels_of(bytes.get());
  const Image copy{vips_image_new_from_memory_copy(
      pixels.data(), pixels.size(), vips_image_get_width(bytes.get()),
      vips_image_get_height(bytes.get()), vips_image_get_bands(bytes.get()), VIPS_FORMAT_UCHAR)};
  if (!copy) throw Damaged{};
  return made([&](VipsImage** out) {
    return vips_copy(copy.get(), out, "interpretation", VIPS_INTERPRETATION_sRGB, nullptr);
  });
}

// A picture without a colour profile is taken as it is: libvips shifts its colours when it is told
// the profile of the thumbnail (8.14: blue becomes violet).
int shrink(VipsSource* source, VipsImage** out, int edge, bool has_profile) {
  constexpr auto size = VIPS_SIZE_DOWN;
  return has_profile
             ? vips_thumbnail_source(source, out, edge, "height", edge, "size", size,
                                     "export_profile", "srgb", nullptr)
             : vips_thumbnail_source(source, out, edge, "height", edge, "size", size, nullptr);
}

Image first_thumbnail(VipsSource* source, int edge, bool has_profile) {
  if (vips_source_rewind(source) != 0) throw Damaged{};
  const auto thumbnail =
      made([&](VipsImage** out) { return shrink(source, out, edge, has_profile); });
  return plain(thumbnail.get());
}

Image smaller(VipsImage* image, int edge) {
  const auto thumbnail = made([&](VipsImage** out) {
    return vips_thumbnail_image(image, out, edge, "height", edge, "size", VIPS_SIZE_DOWN, nullptr);
  });
  return plain(thumbnail.get());
}

Image on_white(VipsImage* image) {
  if (!vips_image_hasalpha(image)) {
    return made([&](VipsImage** out) { return vips_copy(image, out, nullptr); });
  }
  constexpr std::array<double, 3> white{255, 255, 255};
  const std::unique_ptr<VipsArrayDouble, void (*)(VipsArrayDouble*)> background{
      vips_array_double_new(white.data(), static_cast<int>(white.size())),
      [](VipsArrayDouble* array) { vips_area_unref(reinterpret_cast<VipsArea*>(array)); }};
  return made([&](VipsImage** out) {
    return vips_flatten(image, out, "background", background.get(), nullptr);
  });
}

std::string to_webp(VipsImage* image) {
  const auto whole = written([&](void** bytes, std::size_t* size) {
    return vips_webpsave_buffer(image, bytes, size, "Q", quality, "alpha_q", quality, "strip", TRUE,
                                nullptr);
  });
  return without_metadata_chunks(whole);
}

std::string to_jpeg(VipsImage* image) {
  const auto flat = on_white(image);
  return written([&](void** bytes, std::size_t* size) {
    return vips_jpegsave_buffer(flat.get(), bytes, size, "Q", quality, "optimize_coding", TRUE,
                                "strip", TRUE, nullptr);
  });
}

std::string to_blurhash(VipsImage* image) {
  const auto tiny = smaller(image, blurhash_edge);
  const auto flat = on_white(tiny.get());
  const auto pixels = pixels_of(flat.get());
  const auto width = static_cast<std::size_t>(vips_image_get_width(flat.get()));
  const auto height = static_cast<std::size_t>(vips_image_get_height(flat.get()));
  if (pixels.size() != 3 * width * height) throw Damaged{};
  return blurhash_of(pixels, width, height);
}

void make_thumbnails(VipsSource* source, bool has_profile, file::PictureReport& report) {
  const auto large = first_thumbnail(source, file::thumbnail_sizes[1], has_profile);
  const auto small = smaller(large.get(), file::thumbnail_sizes[0]);
  report.blurhash = to_blurhash(small.get());
  for (std::size_t i = 0; i < file::all_thumbnails.size(); ++i) {
    const auto [size, format] = file::all_thumbnails[i];
    auto* image = size == file::thumbnail_sizes[0] ? small.get() : large.get();
    report.thumbnails[i] = format == file::ThumbnailFormat::webp ? to_webp(image) : to_jpeg(image);
  }
}

// Null when it is no picture, or too large a one.
Image read_header(VipsSource* source, file::PictureReport& report) {
  auto header = open_header(source);
  if (!header) {
    report.failure = file::PictureFailure::not_a_picture;
    return nullptr;
  }
  report.width = vips_image_get_width(header.get());
  report.height = vips_image_get_page_height(header.get());
  if (is_turned(header.get())) std::swap(report.width, report.height);
  if (std::int64_t{report.width} * report.height <= file::PictureReport::pixels_max) return header;
  report.failure = file::PictureFailure::too_many_pixels;
  return nullptr;
}

// libvips ends the process when it is to read a file without content.
bool is_empty_file(int descriptor) {
  struct stat state {};
  return fstat(descriptor, &state) == 0 && S_ISREG(state.st_mode) && state.st_size == 0;
}

}  // namespace

void start_vips() {
  // Before libvips 8.15 its vectors are code that it writes while it runs.
  if (vips_version(0) == 8 && vips_version(1) < 15) setenv("VIPS_NOVECTOR", "1", 1);
  if (VIPS_INIT("fechatter_thumbnailer") != 0) throw std::runtime_error{vips_error_buffer()};
  vips_cache_set_max(0);
  vips_concurrency_set(1);
  vips_block_untrusted_set(TRUE);
  vips_operation_block_set("VipsForeignLoad", TRUE);
  for (const auto* loader : loaders) vips_operation_block_set(loader, FALSE);
  warm_up();
}

file::PictureReport describe_picture(int descriptor) {
  file::PictureReport report;
  report.failure = file::PictureFailure::not_a_picture;
  if (is_empty_file(descriptor)) return report;
  const Source source{vips_source_new_from_descriptor(descriptor)};
  if (!source) return report;
  report.failure = file::PictureFailure::none;
  auto header = read_header(source.get(), report);
  if (!header) return report;
  const bool has_profile = vips_image_get_typeof(header.get(), VIPS_META_ICC_NAME) != 0;
  header.reset();
  try {
    make_thumbnails(source.get(), has_profile, report);
  } catch (const Damaged&) {
    report.failure = file::PictureFailure::damaged;
  }
  return report;
}

}  // namespace fechatter::thumbnailer
