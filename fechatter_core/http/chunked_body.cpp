#include "fechatter_core/http/chunked_body.hpp"

#include <algorithm>
#include <charconv>

#include "fechatter_core/error.hpp"
#include "fechatter_core/http/syntax.hpp"

namespace fechatter::http {
namespace {

constexpr std::size_t overhead_max = 8 * 1024;
constexpr std::size_t size_digits_max = 8;

[[noreturn]] void refuse(const char* why) {
  throw Error{ErrorCode::malformed_request, why};
}

}  // namespace

bool ChunkedBody::decode(std::string& input, std::string& to) {
  std::string_view rest = input;
  while (part_ != Part::done && step(rest, to)) {}
  input.erase(0, input.size() - rest.size());
  return part_ == Part::done;
}

// False when more input is needed.
bool ChunkedBody::step(std::string_view& rest, std::string& body) {
  switch (part_) {
    case Part::size: return read_size(rest);
    case Part::data: return read_data(rest, body);
    case Part::data_end: return read_data_end(rest);
    case Part::trailer: return read_trailer(rest);
    case Part::done: break;
  }
  return false;
}

bool ChunkedBody::read_size(std::string_view& rest) {
  std::string_view line;
  if (!find_line(rest, line)) return false;
  const auto digits = line.substr(0, line.find(';'));
  overhead_ += line.size() - digits.size();
  const auto end = digits.data() + digits.size();
  const auto [last, error] = std::from_chars(digits.data(), end, missing_, 16);
  const bool plain = error == std::errc{} && last == end && digits.size() <= size_digits_max;
  if (!plain || overhead_ > overhead_max) refuse("the body's chunks are malformed");
  if (missing_ > body_bytes_max_ - decoded_) {
    throw Error{ErrorCode::payload_too_large, "the body is too large"};
  }
  part_ = missing_ == 0 ? Part::trailer : Part::data;
  return true;
}

bool ChunkedBody::read_data(std::string_view& rest, std::string& body) {
  const auto here = std::min(missing_, rest.size());
  body.append(rest.substr(0, here));
  rest.remove_prefix(here);
  missing_ -= here;
  decoded_ += here;
  if (missing_ > 0) return false;
  part_ = Part::data_end;
  return true;
}

bool ChunkedBody::read_data_end(std::string_view& rest) {
  if (rest.size() < 2) return false;
  if (!rest.starts_with("\r\n")) refuse("a chunk is longer than its size");
  rest.remove_prefix(2);
  part_ = Part::size;
  return true;
}

bool ChunkedBody::read_trailer(std::string_view& rest) {
  std::string_view line;
  if (!find_line(rest, line)) return false;
  overhead_ += line.size();
  if (overhead_ > overhead_max) refuse("the trailers are too large");
  if (line.empty()) {
    part_ = Part::done;
  } else if (!is_token(line.substr(0, line.find(':'))) || line.find(':') == line.npos) {
    refuse("a trailer is malformed");
  }
  return true;
}

// False while the line has no end.
bool ChunkedBody::find_line(std::string_view& rest, std::string_view& line) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) {
    if (rest.size() > overhead_max) refuse("a line of the body's chunks is too long");
    return false;
  }
  if (end == 0 || rest[end - 1] != '\r') refuse("a line of the body's chunks does not end in CRLF");
  line = rest.substr(0, end - 1);
  const auto foreign = [](char c) { return is_control(c) && c != '\t'; };
  if (std::any_of(line.begin(), line.end(), foreign)) refuse("a control character in the chunks");
  rest.remove_prefix(end + 1);
  return true;
}

}  // namespace fechatter::http
