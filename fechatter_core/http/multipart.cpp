#include "fechatter_core/http/multipart.hpp"

#include <algorithm>

#include "fechatter_core/error.hpp"

namespace fechatter::http {
namespace {

constexpr std::string_view line_break = "\r\n";
constexpr std::string_view block_end = "\r\n\r\n";

[[noreturn]] void refuse_multipart(const std::string& why) {
  throw Error{ErrorCode::malformed_request, "body: " + why};
}

std::size_t common_length(std::string_view left, std::string_view right) {
  const auto size = std::min(left.size(), right.size());
  const auto differ = std::mismatch(left.begin(), left.begin() + size, right.begin());
  return static_cast<std::size_t>(differ.first - left.begin());
}

// The number of bytes before the delimiter, or before a beginning of it at the end of the piece. A
// CR is only at the start of the delimiter: after a mismatch, none of the bytes that were equal can
// begin another one, so that each byte is compared once.
std::size_t length_before(std::string_view delimiter, std::string_view piece) {
  std::size_t equal = 0;
  for (auto at = piece.find('\r'); at != std::string_view::npos;
       at = piece.find('\r', at + equal)) {
    equal = common_length(piece.substr(at), delimiter);
    if (equal == delimiter.size() || at + equal == piece.size()) return at;
  }
  return piece.size();
}

}  // namespace

Multipart::Multipart(std::string_view boundary, std::size_t count_max)
    : delimiter_{std::string{"\r\n--"}.append(boundary)},
      count_max_{std::min(count_max, parts_max)} {
  expect_line_start();
}

void Multipart::feed(std::string_view piece) {
  piece_ = piece;
  fed_all_ = piece.empty();
}

Multipart::Event Multipart::next() {
  for (;;) {
    switch (state_) {
      case State::preamble:
        if (!read_preamble()) return starve();
        break;
      case State::boundary_line:
        if (!read_boundary_line()) return starve();
        break;
      case State::head:
        if (!read_head()) return starve();
        return Event::part_begins;
      case State::content: {
        const auto scanned = scan();
        if (scanned == Scanned::starved) return starve();
        return scanned == Scanned::bytes ? Event::bytes : Event::part_ends;
      }
      case State::epilogue:
        ignore(piece_.size());
        piece_ = {};
        return fed_all_ ? Event::end : Event::starved;
    }
  }
}

Multipart::Event Multipart::starve() const {
  const bool may_end = state_ == State::boundary_line && hyphens_ == 2 && !line_ends_;
  if (!fed_all_) return Event::starved;
  if (!may_end) refuse_multipart("ends before its last boundary");
  return Event::end;
}

// The line break before a boundary belongs to it. At the start of the body and behind the blank
// line of a header block it was there already.
void Multipart::expect_line_start() {
  matched_ = line_break.size();
  assumed_ = line_break.size();
}

Multipart::Scanned Multipart::scan() {
  const std::string_view delimiter = delimiter_;
  for (;;) {
    const auto more = common_length(piece_, delimiter.substr(matched_));
    if (more == piece_.size() || matched_ + more == delimiter.size()) {
      piece_.remove_prefix(more);
      matched_ += more;
      if (matched_ < delimiter.size()) return Scanned::starved;
      state_ = State::boundary_line;
      return Scanned::delimiter;
    }
    bytes_ = delimiter.substr(assumed_, matched_ - assumed_);  // they came with pieces before
    matched_ = 0;
    assumed_ = 0;
    if (!bytes_.empty()) return Scanned::bytes;
    bytes_ = piece_.substr(0, length_before(delimiter, piece_));
    piece_.remove_prefix(bytes_.size());
    if (!bytes_.empty()) return Scanned::bytes;
  }
}

// Whether the first boundary was found.
bool Multipart::read_preamble() {
  for (;;) {
    const auto scanned = scan();
    if (scanned != Scanned::bytes) return scanned == Scanned::delimiter;
    ignore(bytes_.size());
  }
}

void Multipart::ignore(std::size_t count) {
  ignored_ += count;
  if (ignored_ > ignored_bytes_max) refuse_multipart("has too much text outside of its parts");
}

bool Multipart::read_boundary_line() {
  while (!piece_.empty()) {
    const char c = piece_.front();
    piece_.remove_prefix(1);
    if (c == '\n' && line_ends_) {
      end_boundary_line();
      return true;
    }
    if (!goes_on_with(c)) refuse_multipart("a boundary is not at the end of its line");
  }
  return false;
}

// Behind a boundary come two hyphens, if it is the last one, blanks, and CRLF.
bool Multipart::goes_on_with(char c) {
  if (line_ends_) return false;
  if (c == '-') return padding_ == 0 && ++hyphens_ <= 2;
  if (hyphens_ == 1) return false;
  line_ends_ = c == '\r';
  return line_ends_ || ((c == ' ' || c == '\t') && ++padding_ <= padding_bytes_max);
}

void Multipart::end_boundary_line() {
  state_ = hyphens_ == 2 ? State::epilogue : State::head;
  padding_ = 0;
  hyphens_ = 0;
  line_ends_ = false;
  if (state_ == State::epilogue) return;
  if (++count_ > count_max_) {
    refuse_multipart("has more than " + std::to_string(count_max_) + " parts");
  }
  block_ = line_break;  // so that a block without a line ends like others
}

// Whether the header block was whole.
bool Multipart::read_head() {
  const auto before = block_.size();
  block_ += piece_.substr(0, line_break.size() + head_bytes_max - before);
  const auto end = block_.find(block_end, before - std::min(before, block_end.size() - 1));
  if (end == std::string::npos) {
    if (block_.size() == line_break.size() + head_bytes_max) {
      refuse_multipart("the header of a part has more than 4096 bytes");
    }
    piece_ = {};
    return false;
  }
  piece_.remove_prefix(end + block_end.size() - before);
  head_ = read_part_head(std::string_view{block_}.substr(line_break.size(), end));
  state_ = State::content;
  expect_line_start();
  return true;
}

}  // namespace fechatter::http
