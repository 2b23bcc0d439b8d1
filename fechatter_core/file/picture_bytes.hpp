#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Numbers in the bytes of pictures. Pure; any thread. REQUIRES: the bytes at `at` are there.
namespace fechatter::file {

inline std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

inline std::uint32_t big_endian_16(std::string_view bytes, std::size_t at) {
  return byte_at(bytes, at) << 8 | byte_at(bytes, at + 1);
}

inline std::uint32_t big_endian_32(std::string_view bytes, std::size_t at) {
  return big_endian_16(bytes, at) << 16 | big_endian_16(bytes, at + 2);
}

inline std::uint32_t little_endian_16(std::string_view bytes, std::size_t at) {
  return byte_at(bytes, at) | byte_at(bytes, at + 1) << 8;
}

inline std::uint32_t little_endian_32(std::string_view bytes, std::size_t at) {
  return little_endian_16(bytes, at) | little_endian_16(bytes, at + 2) << 16;
}

inline std::string big_endian_text(std::uint32_t number) {
  return {static_cast<char>(number >> 24), static_cast<char>(number >> 16),
          static_cast<char>(number >> 8), static_cast<char>(number)};
}

// Cuts a prefix of `count` bytes off `rest`, or all of it when it is shorter.
inline std::string_view cut_front(std::string_view& rest, std::uint64_t count) {
  const auto size = std::min<std::uint64_t>(count, rest.size());
  const auto front = rest.substr(0, static_cast<std::size_t>(size));
  rest.remove_prefix(front.size());
  return front;
}

}  // namespace fechatter::file
