#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fechatter::http {

// Decodes a body that is sent in chunks (RFC 9112 §7.1), as strictly as the framing guard: every
// line ends in CRLF, sizes are plain hexadecimal digits of at most 32 bits. Chunk extensions and
// trailers are ignored, 8 KiB of them at most. Belongs to one request.
class ChunkedBody {
 public:
  explicit ChunkedBody(std::size_t body_bytes_max) : body_bytes_max_{body_bytes_max} {}

  // Decodes the front of `input`, removes it, and appends the bytes of the body to `to`, which may
  // be emptied between two calls. True at the end of the body; the bytes behind it stay in `input`.
  // Throws malformed_request (400), payload_too_large (413).
  bool decode(std::string& input, std::string& to);

 private:
  enum class Part { size, data, data_end, trailer, done };

  bool step(std::string_view& rest, std::string& body);
  bool read_size(std::string_view& rest);
  bool read_data(std::string_view& rest, std::string& body);
  bool read_data_end(std::string_view& rest);
  bool read_trailer(std::string_view& rest);
  bool find_line(std::string_view& rest, std::string_view& line);

  std::size_t body_bytes_max_;
  std::size_t decoded_ = 0;   // bytes of the body so far
  std::size_t missing_ = 0;   // bytes of the current chunk
  std::size_t overhead_ = 0;  // bytes of extensions and trailers so far
  Part part_ = Part::size;
};

}  // namespace fechatter::http
