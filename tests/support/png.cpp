#include "tests/support/png.hpp"

#include <algorithm>

namespace fechatter::test {
namespace {

void append_number(std::string& to, std::uint32_t number) {
  for (const int shift : {24, 16, 8, 0}) to += static_cast<char>(number >> shift & 0xff);
}

std::uint32_t crc_of(std::string_view bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
  }
  return ~crc;
}

std::uint32_t adler_of(std::string_view bytes) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char byte : bytes) {
    a = (a + static_cast<unsigned char>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

// A zlib stream of stored blocks (RFC 1950, 1951).
std::string stored(std::string_view bytes) {
  constexpr std::size_t block_max = 65535;
  std::string stream{"\x78\x01"};
  const auto sum = adler_of(bytes);
  do {
    const auto size = std::min(bytes.size(), block_max);
    stream += size == bytes.size() ? '\1' : '\0';
    for (const auto number : {size, ~size}) {
      stream += static_cast<char>(number & 0xff);
      stream += static_cast<char>(number >> 8 & 0xff);
    }
    stream += bytes.substr(0, size);
    bytes.remove_prefix(size);
  } while (!bytes.empty());
  append_number(stream, sum);
  return stream;
}

}  // namespace

std::string png_chunk(std::string_view type, std::string_view data) {
  std::string checked{type};
  checked += data;
  std::string chunk;
  append_number(chunk, static_cast<std::uint32_t>(data.size()));
  chunk += checked;
  append_number(chunk, crc_of(checked));
  return chunk;
}

std::string png_header(std::uint32_t width, std::uint32_t height) {
  std::string header;
  append_number(header, width);
  append_number(header, height);
  header += std::string_view{"\x08\x02\0\0\0", 5};
  return std::string{png_signature} + png_chunk("IHDR", header);
}

std::string png_of(std::uint32_t width, std::uint32_t height) {
  std::string rows;
  for (std::uint32_t y = 0; y < height; ++y) {
    rows += '\0';  // no filter
    for (std::uint32_t x = 0; x < width; ++x) {
      rows += static_cast<char>(x * 255 / width);
      rows += static_cast<char>(y * 255 / height);
      rows += '\x80';
    }
  }
  return png_header(width, height) + png_chunk("IDAT", stored(rows)) + png_chunk("IEND", "");
}

}  // namespace fechatter::test
