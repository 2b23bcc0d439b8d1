#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fechatter::http {

struct Request;
struct Response;

// A part of a body.
struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;  // 0: the range lies behind the end of the body, which is a 416

  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

// The value of a `Range` header for a body of `size` bytes (RFC 9110 §14.1.2). Nullopt: the header
// is ignored and the whole body is sent, because it is malformed, names another unit or several
// ranges, or because the body is empty. Pure; any thread.
std::optional<ByteRange> parse_byte_range(std::string_view header, std::uint64_t size);

// Serves the `Range` of a GET request from a response with a source of known size: sets status 206,
// the range and `Content-Range`, or replaces the response by a 416. `If-Range` is compared with the
// response's `ETag`, strongly; any other value of it, dates included, asks for the whole body.
// REQUIRES: the response has a source.
void apply_range(const Request& request, Response& response);

}  // namespace fechatter::http
