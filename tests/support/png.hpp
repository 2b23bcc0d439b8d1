#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// PNG pictures of tests, byte by byte (ISO/IEC 15948).
namespace fechatter::test {

inline constexpr std::string_view png_signature{"\x89PNG\r\n\x1a\n", 8};

// With its length and its checksum.
std::string png_chunk(std::string_view type, std::string_view data);
// RGB of 8 bits.
std::string png_header(std::uint32_t width, std::uint32_t height);
// A picture with colours from left to right and from top to bottom, not compressed.
std::string png_of(std::uint32_t width, std::uint32_t height);

}  // namespace fechatter::test
