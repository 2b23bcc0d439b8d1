#include "fechatter_core/file/exif_orientation.hpp"

#include "fechatter_core/file/picture_bytes.hpp"

namespace fechatter::file {
namespace {

constexpr std::size_t tiff_header_size = 8;
constexpr std::size_t tiff_entry_size = 12;
constexpr std::uint32_t tag_orientation = 0x0112;
constexpr std::uint32_t type_short = 3;
constexpr std::uint32_t orientation_max = 8;

// A TIFF block in its byte order.
class Tiff {
 public:
  explicit Tiff(std::string_view bytes) : bytes_{bytes}, is_big_{bytes.starts_with("MM")} {}

  bool is_whole() const {
    return bytes_.size() >= tiff_header_size && (is_big_ || bytes_.starts_with("II")) &&
           number_16(2) == 42;
  }
  std::size_t size() const { return bytes_.size(); }
  std::uint32_t number_16(std::size_t at) const {
    return is_big_ ? big_endian_16(bytes_, at) : little_endian_16(bytes_, at);
  }
  std::uint32_t number_32(std::size_t at) const {
    return is_big_ ? big_endian_32(bytes_, at) : little_endian_32(bytes_, at);
  }

 private:
  std::string_view bytes_;
  bool is_big_;
};

int orientation_in(const Tiff& tiff, std::size_t entry) {
  const bool is_one = tiff.number_16(entry + 2) == type_short && tiff.number_32(entry + 4) == 1;
  const auto value = tiff.number_16(entry + 8);
  return is_one && value >= 1 && value <= orientation_max ? static_cast<int>(value) : upright;
}

}  // namespace

int orientation_of(std::string_view bytes) {
  const Tiff tiff{bytes};
  if (!tiff.is_whole()) return upright;
  const std::size_t directory = tiff.number_32(4);
  if (directory < tiff_header_size || directory + 2 > tiff.size()) return upright;
  const auto count = tiff.number_16(directory);
  for (std::size_t i = 0; i < count; ++i) {
    const auto entry = directory + 2 + i * tiff_entry_size;
    if (entry + tiff_entry_size > tiff.size()) break;
    if (tiff.number_16(entry) == tag_orientation) return orientation_in(tiff, entry);
  }
  return upright;
}

std::string exif_of_orientation(int orientation) {
  constexpr char until_value[] =
      "MM\0\x2a\0\0\0\x08"         // the first directory is behind these 8 bytes
      "\0\x01"                     // it has one entry
      "\x01\x12\0\x03\0\0\0\x01";  // the orientation, one SHORT
  std::string tiff(until_value, sizeof until_value - 1);
  tiff += '\0';
  tiff += static_cast<char>(orientation);
  tiff.resize(oriented_exif_size, '\0');  // the rest of the value; no directory follows
  return tiff;
}

}  // namespace fechatter::file
