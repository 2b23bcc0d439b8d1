#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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

inline std::string box(const std::string& type, const std::string& content) {
  return big_endian(content.size() + 8, 4) + type + content;
}

// What stands in a HEIF file in this order; the type is that of its item.
struct HeifItem {
  std::string type;
  std::string content;
};

// How the table says where items are.
struct HeifPlaces {
  int version = 1;
  bool is_in_idat = false;
  std::size_t added_length = 0;  // to that of metadata, by mistake
};

inline std::string heif_table(const std::vector<HeifItem>& items, std::size_t content_at,
                              HeifPlaces places = {}) {
  std::string information = "\0\0\0\0"s + big_endian(items.size(), 2);
  std::string extents = big_endian(places.version, 1) + "\0\0\0\x44\0"s;
  extents += big_endian(items.size(), places.version < 2 ? 2 : 4);
  std::string idat;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& item = items[i];
    information += box("infe", "\2\0\0\0"s + big_endian(i + 1, 2) + "\0\0"s + item.type + "\0"s);
    extents += big_endian(i + 1, places.version < 2 ? 2 : 4);
    if (places.version > 0) extents += big_endian(places.is_in_idat ? 1 : 0, 2);
    const auto length = item.content.size() + (item.type == "hvc1" ? 0 : places.added_length);
    extents += "\0\0\0\1"s + big_endian(places.is_in_idat ? idat.size() : content_at, 4);
    extents += big_endian(length, 4);
    idat += item.content;
    content_at += item.content.size();
  }
  return box("meta", "\0\0\0\0"s + box("hdlr", std::string(24, '\0')) + box("iinf", information) +
                         box("iloc", extents) + (places.is_in_idat ? box("idat", idat) : ""));
}

inline const std::string heif_start = box("ftyp", "heic\0\0\0\0mif1heic"s);

// Not one that decoders read: it has places, and no pixels.
inline std::string heif_picture(const std::vector<HeifItem>& items, HeifPlaces places = {}) {
  std::string content;
  for (const auto& item : items) content += item.content;
  const auto table_size = heif_table(items, 0, places).size();
  const auto content_at = heif_start.size() + table_size + 8;
  return heif_start + heif_table(items, content_at, places) +
         (places.is_in_idat ? "" : box("mdat", content));
}

}  // namespace fechatter::test::pictures
