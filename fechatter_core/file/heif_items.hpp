#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Where a HEIF file (HEIC, AVIF; ISO/IEC 23008-12) has its metadata. Pure; any thread.
namespace fechatter::file::heif {

// Bytes of metadata: of the file, or of the box idat.
struct MetadataRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool is_exif = false;  // its first part; else zeros take its place
  bool is_in_idat = false;

  // What takes the place of the bytes from `at` on, `count` at most, at least one; a view of static
  // memory. REQUIRES: begin <= at < end; count > 0.
  std::string_view replacement(std::uint64_t at, std::uint64_t count) const;
};

inline constexpr std::size_t metadata_ranges_max = 1000;

// The bytes of all items that are metadata (EXIF; XMP and other texts; addresses), in the order of
// their places, by the content of the box meta. Nullopt when the box is broken, when the place of
// an item is not in it, and when there are too many.
std::optional<std::vector<MetadataRange>> find_metadata(std::string_view meta);

// The content of idat, a part of `meta`; empty when there is none.
std::string_view find_idat(std::string_view meta);

}  // namespace fechatter::file::heif
