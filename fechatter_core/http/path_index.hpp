#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fechatter::http {

using Segments = std::vector<std::string>;

// The segments of a path of a request, each percent-decoded, so that an encoded slash separates
// nothing. Throws malformed_request (400) for malformed encoding, a NUL, or text that is not UTF-8.
Segments decoded_segments(std::string_view path);

// The decoded path.
std::string join_path(const Segments& segments);

// The paths of a routes table, each with its routes. A literal segment is preferred to a "{name}",
// which matches neither an empty segment nor ".", ".." nor a text with a slash. Any thread once it
// is built.
class PathIndex {
 public:
  struct Path {
    Segments segments;
    std::vector<std::size_t> routes;  // indices into the routes table
  };

  // The path of that pattern, new or known. Valid until the next call. Throws std::invalid_argument
  // when a known path of the same shape has another name for a parameter.
  Path& add(std::string_view pattern);
  // After the last `add`.
  void sort();

  // Null when no path matches.
  const Path* find(const Segments& segments) const;

 private:
  std::vector<Path> paths_;
};

bool is_parameter(std::string_view segment);

// Whether each segment could be a parameter, but for the last one, which may be empty, and the path
// is not longer than any route could be.
bool is_plain(const Segments& segments);

}  // namespace fechatter::http
