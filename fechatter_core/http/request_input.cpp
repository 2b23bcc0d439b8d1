#include "fechatter_core/http/request_input.hpp"

#include <algorithm>

#include "fechatter_core/error.hpp"
#include "fechatter_core/http/framing_guard.hpp"

namespace fechatter::http {

awaitable<RequestInput::Outcome> RequestInput::fill(std::size_t count) {
  const auto have = bytes_.size();
  bytes_.resize(have + count);
  const auto received = co_await socket_.read_some(bytes_.data() + have, count);
  bytes_.resize(have + received);
  co_return outcome_of(received);
}

RequestInput::Outcome RequestInput::outcome_of(std::size_t count) const {
  if (socket_.expired()) return Outcome::expired;
  return count == 0 ? Outcome::closed : Outcome::more;
}

bool RequestInput::require_more(Outcome outcome) {
  if (outcome != Outcome::expired) return outcome == Outcome::more;
  throw Error{ErrorCode::request_timeout, "the request did not come in time"};
}

awaitable<bool> RequestInput::read_head(RequestHead& head) {
  // RFC 9112 §2.2: one empty line before the request line is ignored.
  std::size_t scanned = 0;
  bool skipped = false;
  for (;;) {
    if (!skipped && bytes_.size() >= 2) {
      skipped = true;
      if (bytes_.starts_with("\r\n")) bytes_.erase(0, 2);
    }
    const auto end = find_head_end(bytes_, scanned);
    if (std::min(end, bytes_.size()) > limits_.header_bytes_max) {
      throw Error{ErrorCode::headers_too_large, "the request's header is too large"};
    }
    if (end != std::string::npos) {
      head = extract_head(end);
      socket_.clear_deadline();
      co_return true;
    }
    scanned = skipped ? bytes_.size() : 0;
    socket_.begin_deadline(limits_.header_timeout);
    const auto outcome = co_await fill();
    if (!require_more(outcome)) co_return false;
  }
}

RequestHead RequestInput::extract_head(std::size_t size) {
  const auto text = std::string_view{bytes_}.substr(0, size);
  const auto defect = find_framing_defect(text);
  if (defect && !defect->has_certain_end) throw Error{defect->code, std::string{defect->detail}};
  if (count_fields(text) > limits_.header_count_max) {
    throw Error{ErrorCode::headers_too_large, "the request has too many headers"};
  }
  auto head = parse_head(text);
  head.has_unexpected_body = defect.has_value();
  bytes_.erase(0, size);
  return head;
}

void RequestInput::shrink() {
  if (bytes_.capacity() > 2 * read_size) std::string{}.swap(bytes_);  // assignment frees nothing
}

}  // namespace fechatter::http
