#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// The texts around the bytes of multipart/form-data (RFC 7578): the boundary that a request names,
// and the header block of each part. Pure; any thread.
namespace fechatter::http {

inline constexpr std::size_t boundary_length_max = 70;  // RFC 2046 §5.1.1

// The boundary of a request with that Content-Type (empty: it has none). Throws
// unsupported_media_type (415) unless it is multipart/form-data, and malformed_request (400) when
// its boundary is missing, there twice, longer than 70 characters, or has others than RFC 2046
// allows. A boundary without quotes may have any of them but the space, since clients send so.
std::string boundary_of(std::string_view content_type);

// What the header block of a part says. All of it is the client's word.
struct PartHead {
  std::string name;                      // of the form's field; UTF-8
  std::optional<std::string> file_name;  // of a file, as it was sent: UTF-8, with any folders
  std::string content_type;              // empty when the part has none
};

// Reads header lines, each with its CRLF. Of file names, %22, %0D and %0A are decoded, and a
// backslash before a quote or a backslash is dropped, as browsers and curl write them; `filename*`,
// which RFC 7578 forbids, is ignored. Throws malformed_request (400) when a line is no header or
// is folded, a header that is read is there twice, Content-Disposition is not that of a form's
// field, a parameter of it is malformed, there twice or not UTF-8, or when the part is sent in a
// transfer encoding that would have to be decoded.
PartHead read_part_head(std::string_view block);

}  // namespace fechatter::http
