#include "fechatter_core/http/body_reader.hpp"

#include <algorithm>

#include "fechatter_core/error.hpp"

namespace fechatter::http {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t read_size = 4 * 1024;
constexpr std::size_t buffered_read_max = 256 * 1024;

}  // namespace

BodyReader::BodyReader(RequestInput& input, const RequestHead& head, std::size_t bytes_max)
    : input_{input},
      chunked_{head.chunked},
      bytes_max_{bytes_max},
      remaining_{head.content_length},
      chunks_{bytes_max},
      awaits_continue_{head.expects_continue},
      at_end_{!head.chunked && head.content_length == 0} {}

awaitable<std::string_view> BodyReader::read() {
  if (failed_) throw Error{ErrorCode::malformed_request, "the body could not be read"};
  piece_.clear();
  if (at_end_) co_return piece_;
  failed_ = true;  // unless a piece comes
  bool open = true;
  if (awaits_continue_) open = co_await send_continue();
  auto outcome = Outcome::closed;
  const auto begun = Clock::now();
  if (open) {
    input_.socket().set_deadline(time_left());
    outcome = co_await read_piece();
    input_.socket().clear_deadline();
  }
  waited_ += Clock::now() - begun;
  if (!RequestInput::require_more(outcome)) {
    throw Error{ErrorCode::malformed_request, "the body ends before its announced end"};
  }
  failed_ = false;
  received_ += piece_.size();
  co_return piece_;
}

milliseconds BodyReader::time_left() const {
  const auto& limits = input_.limits();
  const auto earned = std::chrono::seconds{received_ / limits.body_rate_min};
  const auto waited = std::chrono::duration_cast<milliseconds>(waited_);
  const auto left = limits.body_timeout + earned - waited;
  return std::clamp(milliseconds{left}, milliseconds{0}, limits.body_timeout);
}

awaitable<bool> BodyReader::receive(BodyPolicy::Kind policy, std::string& to) {
  if (!chunked_ && remaining_ > bytes_max_) {
    throw Error{ErrorCode::payload_too_large, "the body is too large"};
  }
  if (policy == BodyPolicy::Kind::streamed) co_return true;
  if (awaits_continue_) {
    const bool sent = co_await send_continue();
    if (!sent) co_return false;
  }
  const bool discards = policy == BodyPolicy::Kind::none;
  auto receiving =
      chunked_ || discards ? receive_pieces(discards ? nullptr : &to) : receive_sized(to);
  const bool whole = co_await std::move(receiving);
  input_.socket().clear_deadline();
  co_return whole;
}

awaitable<bool> BodyReader::receive_sized(std::string& to) {
  auto& bytes = input_.bytes();
  const auto size = remaining_;
  const auto here = std::min(size, bytes.size());
  to.assign(bytes, 0, here);
  bytes.erase(0, here);
  while (to.size() < size) {
    input_.socket().begin_deadline(input_.limits().body_timeout);
    // Memory grows with what has come, not with what was announced.
    const auto have = to.size();
    const auto room = std::clamp(have, read_size, buffered_read_max);
    const auto wanted = std::min(room, size - have);
    to.resize(have + wanted);
    const auto count = co_await input_.socket().read_some(to.data() + have, wanted);
    to.resize(have + count);
    const auto outcome = input_.outcome_of(count);
    if (!RequestInput::require_more(outcome)) co_return false;
  }
  remaining_ = 0;
  at_end_ = true;
  co_return true;
}

// A null `to` discards the body.
awaitable<bool> BodyReader::receive_pieces(std::string* to) {
  while (!at_end_) {
    input_.socket().begin_deadline(input_.limits().body_timeout);
    const auto outcome = co_await read_piece();
    if (!RequestInput::require_more(outcome)) co_return false;
    if (to) to->append(piece_);
  }
  co_return true;
}

bool BodyReader::is_skippable() const {
  if (at_end_) return true;
  return !failed_ && !awaits_continue_ && (chunked_ || remaining_ <= skipped_bytes_max);
}

awaitable<bool> BodyReader::skip() {
  input_.socket().set_deadline(input_.limits().linger_timeout);
  try {
    for (std::size_t skipped = 0; !at_end_ && skipped <= skipped_bytes_max;) {
      const auto outcome = co_await read_piece();
      if (outcome != Outcome::more) break;
      skipped += piece_.size();
    }
  } catch (const Error&) {
    failed_ = true;  // malformed chunks: the response has been sent already
  }
  input_.socket().clear_deadline();
  co_return at_end_;
}

// A client that has begun to send the body waits no longer.
awaitable<bool> BodyReader::send_continue() {
  awaits_continue_ = false;
  if (!input_.bytes().empty()) co_return true;
  constexpr std::string_view interim = "HTTP/1.1 100 Continue\r\n\r\n";
  const bool sent = co_await input_.socket().send(interim, "", input_.limits().write_timeout);
  co_return sent;
}

awaitable<BodyReader::Outcome> BodyReader::read_piece() {
  piece_.clear();
  while (!parse_piece()) {
    const auto wanted = chunked_ ? piece_bytes_max : std::min(remaining_, piece_bytes_max);
    const auto outcome = co_await input_.fill(wanted);
    if (outcome != Outcome::more) co_return outcome;
  }
  co_return Outcome::more;
}

// Moves what has come into `piece_`. False when nothing has, and the body is not at its end.
bool BodyReader::parse_piece() {
  auto& bytes = input_.bytes();
  if (chunked_) {
    at_end_ = chunks_.decode(bytes, piece_);
    return at_end_ || !piece_.empty();
  }
  if (bytes.size() <= remaining_) {
    piece_.swap(bytes);
  } else {
    piece_.assign(bytes, 0, remaining_);
    bytes.erase(0, remaining_);
  }
  remaining_ -= piece_.size();
  at_end_ = remaining_ == 0;
  return at_end_ || !piece_.empty();
}

}  // namespace fechatter::http
