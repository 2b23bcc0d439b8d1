#include "fechatter_thumbnailer/webp_chunks.hpp"

#include <cstdint>

namespace fechatter::thumbnailer {
namespace {

constexpr std::size_t file_head_size = 12;                    // "RIFF", a size, "WEBP"
constexpr std::size_t chunk_head_size = 8;                    // a name, a size
constexpr unsigned char metadata_flags = 0x20 | 0x08 | 0x04;  // of VP8X: ICCP, EXIF, XMP

std::uint32_t little_number(std::string_view bytes) {
  std::uint32_t number = 0;
  for (std::size_t i = 4; i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

void write_little_number(std::string& to, std::size_t at, std::uint32_t number) {
  for (std::size_t i = 0; i < 4; ++i) to[at + i] = static_cast<char>(number >> 8 * i & 0xff);
}

bool is_metadata(std::string_view chunk) {
  return chunk.starts_with("EXIF") || chunk.starts_with("XMP ") || chunk.starts_with("ICCP");
}

}  // namespace

std::string without_metadata_chunks(std::string_view webp) {
  std::string kept{webp.substr(0, file_head_size)};
  webp.remove_prefix(kept.size());
  while (webp.size() >= chunk_head_size) {
    const std::size_t size = little_number(webp.substr(4));
    const auto padded = chunk_head_size + size + size % 2;
    if (padded > webp.size()) break;
    const auto chunk = webp.substr(0, padded);
    webp.remove_prefix(padded);
    if (is_metadata(chunk)) continue;
    kept += chunk;
    if (chunk.starts_with("VP8X") && size > 0) {
      auto& flags = kept[kept.size() - padded + chunk_head_size];
      flags = static_cast<char>(flags & ~metadata_flags);
    }
  }
  if (kept.size() >= file_head_size) {
    write_little_number(kept, 4, static_cast<std::uint32_t>(kept.size() - chunk_head_size));
  }
  return kept;
}

}  // namespace fechatter::thumbnailer
