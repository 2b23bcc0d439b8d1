#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "fechatter_core/http/multipart_head.hpp"

namespace fechatter::http {

// Reads a body of multipart/form-data (RFC 7578, RFC 2046 §5.1) from pieces of any size, and holds
// no more of it than one header block: the bytes of a part are views. The time is linear in the
// body, whatever the boundary. Belongs to one coroutine:
//
//   for (auto event = parser.next(); event != Multipart::Event::end; event = parser.next()) {
//     if (event == Multipart::Event::starved) { /* co_await reader.read() */ parser.feed(piece); }
//     …
//   }
//
// Where the standard and clients differ, the reading is strict, so that no other reader of the body
// finds other parts: lines end with CRLF, and a line that begins with the boundary is a boundary
// or malformed. A text before the first boundary and behind the last one is ignored.
class Multipart {
 public:
  static constexpr std::size_t head_bytes_max = 4 * 1024;  // the header block of one part
  static constexpr std::size_t parts_max = 10'000;         // of a body, whatever the caller allows
  static constexpr std::size_t ignored_bytes_max = 4 * 1024;  // before, and behind all parts
  static constexpr std::size_t padding_bytes_max = 256;       // blanks behind one boundary

  enum class Event {
    starved,      // feed() is to be called
    part_begins,  // head() is that of the part
    bytes,        // bytes() are the part's next ones; a part without content has none
    part_ends,
    end,  // the whole body was read
  };

  // REQUIRES: `boundary` comes from boundary_of().
  Multipart(std::string_view boundary, std::size_t count_max);

  // The next piece of the body, as BodyReader::read() returns it: an empty one is the end. It must
  // outlive the bytes() that are read from it. REQUIRES: next() has returned `starved`.
  void feed(std::string_view piece);

  // Throws malformed_request (400) when the body breaks off or breaks the rules, has a limit's
  // excess or more than `count_max` parts. REQUIRES: it has not thrown before.
  Event next();

  const PartHead& head() const { return head_; }
  // At least one. Valid until the next call of next().
  std::string_view bytes() const { return bytes_; }

 private:
  enum class State { preamble, boundary_line, head, content, epilogue };
  enum class Scanned { bytes, delimiter, starved };

  Scanned scan();
  Event starve() const;
  bool read_preamble();
  void ignore(std::size_t count);
  bool read_boundary_line();
  bool goes_on_with(char c);
  void end_boundary_line();
  bool read_head();
  void expect_line_start();

  const std::string delimiter_;  // CRLF, two hyphens and the boundary
  const std::size_t count_max_;
  State state_ = State::preamble;
  std::string_view piece_;  // what was not read yet of it
  bool fed_all_ = false;
  std::size_t matched_ = 0;  // how much of the delimiter came last
  std::size_t assumed_ = 0;  // how much of that came before, and is no content
  std::size_t ignored_ = 0;
  std::size_t padding_ = 0;
  std::size_t hyphens_ = 0;  // behind the boundary: two of them end the body
  bool line_ends_ = false;   // the boundary's line has its CR
  std::size_t count_ = 0;
  std::string block_;
  PartHead head_;
  std::string_view bytes_;
};

}  // namespace fechatter::http
