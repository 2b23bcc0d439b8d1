#pragma once

#include <cstdint>
#include <string_view>

// The segments of a JPEG stream (ITU-T T.81, Annex B). Pure; any thread.
namespace fechatter::file::jpeg {

inline constexpr std::uint32_t start_of_image = 0xd8;
inline constexpr std::uint32_t end_of_image = 0xd9;
inline constexpr std::uint32_t start_of_scan = 0xda;
inline constexpr std::uint32_t comment = 0xfe;
inline constexpr std::uint32_t application_0 = 0xe0;

// APP0 to APP15.
constexpr bool is_application(std::uint32_t code) {
  return code >= application_0 && code <= 0xef;
}

// Markers that stand alone, and mean nothing outside a scan: RST0 to RST7, TEM.
constexpr bool is_standalone(std::uint32_t code) {
  return (code >= 0xd0 && code <= 0xd7) || code == 0x01;
}

// What FF in the data of a scan may be followed by without ending it.
constexpr bool continues_scan(std::uint32_t code) {
  return code == 0 || (code >= 0xd0 && code <= 0xd7);
}

// Segments that the picture is decoded by: frames, tables, scans.
bool is_structure(std::uint32_t code);

// Whether the payload (without code and length) of such a segment has exactly the size that its
// content says. Decoders refuse others. REQUIRES: is_structure(code).
bool has_its_size(std::uint32_t code, std::string_view payload);

}  // namespace fechatter::file::jpeg
