#include "fechatter_core/http/path_index.hpp"

#include <algorithm>
#include <stdexcept>

#include "fechatter_core/error.hpp"
#include "fechatter_core/http/syntax.hpp"
#include "fechatter_core/http/uri.hpp"

namespace fechatter::http {
namespace {

constexpr std::size_t segments_max = 32;  // no route is that long

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  while (segments.size() < segments_max && !path.empty()) {
    const bool last = path.find('/') == path.size() - 1;
    segments.push_back(take_until(path, '/'));
    if (last) segments.emplace_back();  // "/api/" is not "/api"
  }
  return segments;
}

bool may_be_parameter(std::string_view segment) {
  return !segment.empty() && segment != "." && segment != ".." &&
         segment.find_first_of("/\\") == std::string_view::npos;
}

bool matches(const std::string& pattern, const std::string& segment) {
  return is_parameter(pattern) ? may_be_parameter(segment) : pattern == segment;
}

// Whether both match the same paths, whatever their parameters are called.
bool is_same_shape(const Segments& left, const Segments& right) {
  return std::equal(
      left.begin(), left.end(), right.begin(), right.end(),
      [](const auto& a, const auto& b) { return is_parameter(a) ? is_parameter(b) : a == b; });
}

// A literal goes before a parameter at the first place where the two differ in kind.
bool is_more_literal(const Segments& left, const Segments& right) {
  return std::lexicographical_compare(
      left.begin(), left.end(), right.begin(), right.end(),
      [](const auto& a, const auto& b) { return !is_parameter(a) && is_parameter(b); });
}

}  // namespace

bool is_parameter(std::string_view segment) {
  return segment.starts_with('{');
}

bool is_plain(const Segments& segments) {
  if (segments.size() >= segments_max) return false;
  const auto behind =
      segments.empty() || !segments.back().empty() ? segments.end() : segments.end() - 1;
  return std::all_of(segments.begin(), behind, may_be_parameter);
}

Segments decoded_segments(std::string_view path) {
  Segments segments;
  for (const auto raw : split(path)) {
    auto segment = percent_decoded(raw, Plus::is_plus);
    if (!segment) {
      throw Error{ErrorCode::malformed_request, "the path is not percent-encoded UTF-8 text"};
    }
    segments.push_back(std::move(*segment));
  }
  return segments;
}

std::string join_path(const Segments& segments) {
  std::string path;
  for (const auto& segment : segments) path.append("/").append(segment);
  return path.empty() ? "/" : path;
}

PathIndex::Path& PathIndex::add(std::string_view pattern) {
  const auto views = split(pattern);
  const Segments segments{views.begin(), views.end()};
  const auto known = std::find_if(paths_.begin(), paths_.end(), [&](const Path& path) {
    return is_same_shape(path.segments, segments);
  });
  if (known == paths_.end()) return paths_.emplace_back(Path{segments, {}});
  if (known->segments == segments) return *known;
  throw std::invalid_argument{"a parameter has two names in " + std::string{pattern}};
}

void PathIndex::sort() {
  std::stable_sort(paths_.begin(), paths_.end(), [](const Path& left, const Path& right) {
    return is_more_literal(left.segments, right.segments);
  });
}

const PathIndex::Path* PathIndex::find(const Segments& segments) const {
  const auto fits = [&](const Path& path) {
    return std::equal(path.segments.begin(), path.segments.end(), segments.begin(), segments.end(),
                      matches);
  };
  const auto found = std::find_if(paths_.begin(), paths_.end(), fits);
  return found == paths_.end() ? nullptr : &*found;
}

}  // namespace fechatter::http
