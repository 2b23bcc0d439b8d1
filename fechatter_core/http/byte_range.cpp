#include "fechatter_core/http/byte_range.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"
#include "fechatter_core/http/syntax.hpp"

namespace fechatter::http {
namespace {

// Nullopt when it is no number; a number beyond 64 bits is the greatest of 64 bits.
std::optional<std::uint64_t> parse_position(std::string_view digits) {
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
  std::uint64_t position = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), position);
  if (result.ec == std::errc{}) return position;
  return std::numeric_limits<std::uint64_t>::max();
}

ByteRange last_bytes(std::uint64_t count, std::uint64_t size) {
  if (count == 0) return {};
  const auto length = std::min(count, size);
  return {size - length, length};
}

bool wants_range(const Request& request, const Response& response) {
  if (request.method != Method::get || response.status != 200) return false;
  const auto* condition = request.find_header("if-range");
  if (!condition) return true;
  const auto tag = std::find_if(response.headers.begin(), response.headers.end(), [](auto& header) {
    return equals_ignoring_case(header.first, "etag");
  });
  return tag != response.headers.end() && tag->second == *condition && condition->starts_with('"');
}

Response range_not_satisfiable(const Request& request, std::uint64_t size) {
  const Error refusal{ErrorCode::range_not_satisfiable,
                      "the range lies behind the end of the body"};
  auto response = problem_response(refusal, request.id);
  response.with_header("Accept-Ranges", "bytes");
  response.with_header("Content-Range", fmt::format("bytes */{}", size));
  return response;
}

}  // namespace

std::optional<ByteRange> parse_byte_range(std::string_view header, std::uint64_t size) {
  const auto unit = take_until(header, '=');
  if (!equals_ignoring_case(trimmed(unit), "bytes") || size == 0) return std::nullopt;
  if (header.find('-') == std::string_view::npos) return std::nullopt;
  header = trimmed(header);
  const auto from = take_until(header, '-');
  const auto first = parse_position(from);
  const auto last = parse_position(header);
  if (from.empty() && last) return last_bytes(*last, size);
  if (!first || (!last && !header.empty()) || (last && *last < *first)) return std::nullopt;
  if (*first >= size) return ByteRange{};
  return ByteRange{*first, std::min(last.value_or(size - 1), size - 1) - *first + 1};
}

void apply_range(const Request& request, Response& response) {
  const auto size = response.source->size();
  if (!size) return;
  response.with_header("Accept-Ranges", "bytes");
  const auto* header = request.find_header("range");
  if (!header || !wants_range(request, response)) return;
  const auto range = parse_byte_range(*header, *size);
  if (!range) return;
  if (range->size == 0) {
    response = range_not_satisfiable(request, *size);
    return;
  }
  response.status = 206;
  response.range = range;
  response.with_header("Content-Range", fmt::format("bytes {}-{}/{}", range->offset,
                                                    range->offset + range->size - 1, *size));
}

}  // namespace fechatter::http
