#pragma once

#include <array>
#include <string>
#include <string_view>

namespace fechatter::file {

enum class ThumbnailFormat { webp, jpeg };

// One of the small pictures that are made of a picture.
struct Thumbnail {
  int size = 0;  // the longest edge in pixels, one of thumbnail_sizes; less of a smaller picture
  ThumbnailFormat format = ThumbnailFormat::webp;

  friend bool operator==(const Thumbnail&, const Thumbnail&) = default;
};

inline constexpr std::array<int, 2> thumbnail_sizes{360, 1280};

// Those of each picture.
inline constexpr std::array<Thumbnail, 4> all_thumbnails{{{360, ThumbnailFormat::webp},
                                                          {360, ThumbnailFormat::jpeg},
                                                          {1280, ThumbnailFormat::webp},
                                                          {1280, ThumbnailFormat::jpeg}}};

// "image/webp"
constexpr std::string_view media_type_of(ThumbnailFormat format) {
  return format == ThumbnailFormat::webp ? "image/webp" : "image/jpeg";
}

// What a store appends to the name of the picture: ".360.webp", ".1280.jpg". No FileKey has a name
// that ends so. Pure; any thread.
std::string name_suffix(Thumbnail thumbnail);

}  // namespace fechatter::file
