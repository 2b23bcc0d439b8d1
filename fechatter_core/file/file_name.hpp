#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// What files are called. Pure; any thread.
namespace fechatter::file {

inline constexpr std::size_t name_bytes_max = 255;  // what file systems can hold

// The name of an upload as it is kept and shown: the last component of what was offered ("/" and
// "\" separate them), in NFC, with what is_visible_text() (text/visibility.hpp) wants only, each
// blank a space, without dots and blanks at its ends. Names of devices of Windows ("CON",
// "nul.txt") begin with an underscore. A name of more than 255 bytes is cut between two grapheme
// clusters before its extension; nothing becomes "file". A kept name is kept so again. REQUIRES:
// `offered` is UTF-8.
std::string kept_name(std::string_view offered);

// The value of Content-Disposition (RFC 6266): the name in ASCII, and, if that is another one,
// as it is (RFC 8187). Visible ASCII and spaces. REQUIRES: `name` comes from kept_name().
std::string content_disposition(bool is_inline, std::string_view name);

}  // namespace fechatter::file
