#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Pictures of tests, part by part: of one pixel or eight by eight, and whole, so that decoders read
// them. Each part of metadata holds `secret`.
namespace fechatter::test::pictures {

using namespace std::string_literals;

inline const std::string secret = "52.5163 N 13.3777 E";

inline std::string big_endian(std::uint64_t number, int bytes) {
  std::string text;
  while (bytes-- > 0) text += static_cast<char>(number >> (8 * bytes));
  return text;
}

inline std::string little_endian(std::uint64_t number, int bytes) {
  const auto text = big_endian(number, bytes);
  return {text.rbegin(), text.rend()};
}

// The TIFF block of EXIF: the maker's name, the orientation (0: none), a place. `number` writes in
// its byte order.
template <class Number>
std::string tiff_block(const std::string& order, Number number, int orientation) {
  const auto entry = [&](int tag, int type, std::size_t count, const std::string& value) {
    return number(tag, 2) + number(type, 2) + number(count, 4) + value;
  };
  const std::size_t entries = orientation == 0 ? 2 : 3;
  const auto end = 8 + 2 + 12 * entries + 4;
  auto tiff = order + number(42, 2) + number(8, 4) + number(entries, 2);
  tiff += entry(0x010f, 2, secret.size(), number(end, 4));
  if (orientation != 0) tiff += entry(0x0112, 3, 1, number(orientation, 2) + "\0\0"s);
  tiff += entry(0x8825, 4, 1, number(end, 4));
  return tiff + number(0, 4) + secret;
}

inline std::string tiff(int orientation) {
  return tiff_block("MM", big_endian, orientation);
}

inline std::string little_tiff(int orientation) {
  return tiff_block("II", little_endian, orientation);
}

// What is left of the metadata of a picture that is turned.
inline std::string tiff_of_orientation(int orientation) {
  return "MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"s + static_cast<char>(orientation) +
         "\0\0\0\0\0\0"s;
}

inline std::string segment(int code, const std::string& payload) {
  return "\xff"s + static_cast<char>(code) + big_endian(payload.size() + 2, 2) + payload;
}

inline std::string exif_segment(const std::string& tiff_block) {
  return segment(0xe1, "Exif\0\0"s + tiff_block);
}

inline const std::string jpeg_start = "\xff\xd8";
inline const std::string jpeg_end = "\xff\xd9";
inline const std::string jfif = segment(0xe0, "JFIF\0\1\1\0\0\1\0\1\0\0"s);
inline const std::string jpeg_tables = segment(0xdb, "\0"s + std::string(64, '\1')) +
                                       segment(0xc0, "\x08\0\x08\0\x08\1\1\x11\0"s) +
                                       segment(0xc4, "\0\1"s + std::string(16, '\0')) +
                                       segment(0xc4, "\x10\1"s + std::string(16, '\0'));
inline const std::string jpeg_scan = segment(0xda, "\1\1\0\0\x3f\0"s) + "\x3f";

// `between`: segments behind JFIF.
inline std::string jpeg_picture(const std::string& between = "", const std::string& behind = "") {
  return jpeg_start + jfif + between + jpeg_tables + jpeg_scan + jpeg_end + behind;
}

inline std::uint32_t crc(const std::string& bytes) {
  std::uint32_t sum = ~0U;
  for (const unsigned char byte : bytes) {
    sum ^= byte;
    for (int i = 0; i < 8; ++i) sum = sum >> 1 ^ (sum % 2 ? 0xedb88320U : 0U);
  }
  return ~sum;
}

inline std::string chunk(const std::string& type, const std::string& data) {
  return big_endian(data.size(), 4) + type + data + big_endian(crc(type + data), 4);
}

inline const std::string png_start = "\x89PNG\r\n\x1a\n";
inline const std::string png_header = chunk("IHDR", "\0\0\0\1\0\0\0\1\x08\6\0\0\0"s);
inline const std::string png_pixels = chunk("IDAT", "\x78\1\1\5\0\xfa\xff\0\0\0\0\0\0\5\0\1"s);
inline const std::string png_end = chunk("IEND", "");

// `between`: chunks before the pixels.
inline std::string png_picture(const std::string& between = "", const std::string& behind = "") {
  return png_start + png_header + between + png_pixels + png_end + behind;
}

// A chunk of RIFF, with its padding.
inline std::string riff_chunk(const std::string& type, const std::string& data) {
  return type + little_endian(data.size(), 4) + data + std::string(data.size() % 2, '\0');
}

inline std::string webp_picture(const std::string& chunks) {
  return "RIFF" + little_endian(chunks.size() + 4, 4) + "WEBP" + chunks;
}

inline const std::string webp_pixels =
    riff_chunk("VP8L", "\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07"s);

// Of one pixel.
inline std::string webp_canvas(int flags) {
  return riff_chunk("VP8X", static_cast<char>(flags) + std::string(9, '\0'));
}

}  // namespace fechatter::test::pictures
