#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fechatter_core/file/thumbnail.hpp"

// What fechatter_thumbnailer writes to its standard output, and fechatter_server reads:
//
//   "FTR1", then records: a letter, the number of bytes that follow (4 bytes, the highest first),
//   and these bytes.
//
//   'P'  the size of the picture: width and height, 4 bytes each, the highest first
//   'F'  one byte, a PictureFailure; nothing follows
//   'H'  a blurhash
//   'T'  a thumbnail; four of them, in the order of all_thumbnails
//
// Either P H T T T T, or F, or P F. The process has looked at bytes of a stranger, so the server
// believes nothing of what it reads. Pure; any thread.
namespace fechatter::file {

// Why a picture has no thumbnails, whenever it is looked at.
enum class PictureFailure : std::uint8_t {
  none,
  not_a_picture,    // or one of a kind that is not supported
  too_many_pixels,  // its width and height are known
  damaged           // its beginning is one of a picture, the rest is not
};

std::string_view to_string(PictureFailure failure);

struct PictureReport {
  static constexpr std::size_t bytes_max = 4 * 1024 * 1024;  // of a report as a whole
  static constexpr std::int64_t pixels_max = 100'000'000;

  PictureFailure failure = PictureFailure::none;
  std::int32_t width = 0;  // in pixels, with the orientation applied; 0: not known
  std::int32_t height = 0;
  std::string blurhash;
  std::array<std::string, all_thumbnails.size()> thumbnails;  // in the order of all_thumbnails
};

std::string to_frames(const PictureReport& report);

// Nullopt for anything but a whole report as described: records in another order, trailing bytes, a
// size that is not positive, or more pixels than pixels_max without the failure for it, other
// characters than those of a blurhash, a thumbnail that does not begin as its format does.
std::optional<PictureReport> parse_frames(std::string_view bytes);

}  // namespace fechatter::file
