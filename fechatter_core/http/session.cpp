#include "fechatter_core/http/session.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <optional>

#include "fechatter_core/http/answer.hpp"
#include "fechatter_core/http/chunked_body.hpp"
#include "fechatter_core/http/framing_guard.hpp"

namespace fechatter::http {
namespace {

constexpr std::size_t read_size = 4 * 1024;
constexpr std::size_t body_read_max = 256 * 1024;
constexpr std::size_t linger_bytes_max = 64 * 1024;
constexpr std::chrono::milliseconds linger_time{1000};

}  // namespace

Session::Session(Socket socket, std::shared_ptr<SessionRegistry> registry)
    : registry_{std::move(registry)}, socket_{std::make_shared<TimedSocket>(std::move(socket))} {}

Session::~Session() {
  registry_->leave(this);
}

void Session::start() {
  asio::co_spawn(socket_->executor(), serve(shared_from_this()), asio::detached);
}

void Session::start_refusal(const Error& refusal) {
  asio::co_spawn(socket_->executor(), refuse(shared_from_this(), refusal), asio::detached);
}

awaitable<void> Session::serve(std::shared_ptr<Session> self) {
  try {
    co_await self->serve_while_open();
  } catch (const std::exception& error) {
    spdlog::error("{} connection given up: {}", self->request_id_, error.what());
  }
  self->finish();
}

awaitable<void> Session::refuse(std::shared_ptr<Session> self, Error refusal) {
  try {
    self->request_id_ = make_request_id();
    co_await self->answer_and_close(refusal);
  } catch (const std::exception& error) {
    spdlog::error("{} refusal given up: {}", self->request_id_, error.what());
  }
  self->registry_->end_refusal();
  self->finish();
}

awaitable<void> Session::serve_while_open() {
  std::optional<Error> refusal;
  try {
    bool open = true;
    while (open) open = co_await serve_next();
  } catch (const Error& error) {
    refusal = error;
  }
  if (refusal) co_await answer_and_close(*refusal);
}

awaitable<void> Session::answer_and_close(const Error& refusal) {
  auto response = problem_response(refusal, request_id_);
  const bool sent = co_await answer(response, false);
  if (sent) co_await linger();
}

// False when the connection is at its end.
awaitable<bool> Session::serve_next() {
  const bool begun = co_await wait_for_request();
  if (!begun) co_return false;
  RequestHead head;
  const bool read = co_await read_head(head);
  if (!read) co_return false;
  const bool whole = co_await read_body(head);
  if (!whole) co_return false;

  Response response = co_await registry_->router().handle(head.request);
  if (response.take_over) {
    give_away(response);
    co_return false;
  }
  const bool keep_alive = head.keep_alive && !registry_->draining();
  const bool sent = co_await answer(response, keep_alive);
  const bool at_end = !sent || !keep_alive;
  if (sent && at_end && (!input_.empty() || socket_->has_unread_input())) co_await linger();
  served_any_ = true;
  co_return !at_end;
}

awaitable<bool> Session::wait_for_request() {
  is_head_request_ = false;
  origin_.clear();
  request_id_ = make_request_id();
  if (!input_.empty()) co_return true;
  if (registry_->draining()) co_return false;
  const auto& limits = registry_->limits();
  const auto fresh = std::min(limits.header_timeout, limits.idle_timeout);
  socket_->set_deadline(served_any_ ? limits.idle_timeout : fresh);
  socket_->set_idle(true);
  const auto input = co_await fill();
  socket_->set_idle(false);
  socket_->clear_deadline();
  co_return input == Input::more;
}

// False when the peer has gone. So are read_body and what it is made of.
awaitable<bool> Session::read_head(RequestHead& head) {
  const auto& limits = registry_->limits();
  // RFC 9112 §2.2: one empty line before the request line is forgiven.
  std::size_t scanned = 0;
  bool skipped = false;
  for (;;) {
    if (!skipped && input_.size() >= 2) {
      skipped = true;
      if (input_.starts_with("\r\n")) input_.erase(0, 2);
    }
    const auto end = find_head_end(input_, scanned);
    if (std::min(end, input_.size()) > limits.header_bytes_max) {
      throw Error{ErrorCode::headers_too_large, "the request's header is too large"};
    }
    if (end != std::string::npos) {
      head = take_head(end);
      socket_->clear_deadline();
      co_return true;
    }
    scanned = skipped ? input_.size() : 0;
    socket_->begin_deadline(limits.header_timeout);
    const auto input = co_await fill();
    if (!require_more(input)) co_return false;
  }
}

RequestHead Session::take_head(std::size_t size) {
  const auto text = std::string_view{input_}.substr(0, size);
  if (const auto defect = find_framing_defect(text)) {
    throw Error{ErrorCode::malformed_request, std::string{*defect}};
  }
  if (count_fields(text) > registry_->limits().header_count_max) {
    throw Error{ErrorCode::headers_too_large, "the request has too many headers"};
  }
  auto head = parse_head(text);
  input_.erase(0, size);
  if (head.request.id.empty()) head.request.id = request_id_;
  request_id_ = head.request.id;
  head.request.peer_address = socket_->peer_address();
  is_head_request_ = head.request.method == Method::head;
  if (const auto* origin = head.request.find_header("origin")) origin_ = *origin;
  return head;
}

awaitable<bool> Session::read_body(RequestHead& head) {
  if (head.content_length > registry_->limits().body_bytes_max) {
    throw Error{ErrorCode::payload_too_large, "the body is too large"};
  }
  if (!head.chunked && head.content_length == 0) co_return true;
  const bool asked = co_await continue_if_asked(head);
  if (!asked) co_return false;
  auto reading = head.chunked ? read_chunked_body(head) : read_sized_body(head);
  const bool whole = co_await std::move(reading);
  socket_->clear_deadline();
  co_return whole;
}

awaitable<bool> Session::read_sized_body(RequestHead& head) {
  auto& body = head.request.body;
  const auto here = std::min(head.content_length, input_.size());
  body.assign(input_, 0, here);
  input_.erase(0, here);
  while (body.size() < head.content_length) {
    socket_->begin_deadline(registry_->limits().body_timeout);
    // Grows with what has come, not with what was announced.
    const auto have = body.size();
    const auto room = std::clamp(have, read_size, body_read_max);
    const auto size = std::min(room, head.content_length - have);
    body.resize(have + size);
    const auto count = co_await socket_->read_some(body.data() + have, size);
    body.resize(have + count);
    const auto input = outcome_of(count);
    if (!require_more(input)) co_return false;
  }
  co_return true;
}

awaitable<bool> Session::read_chunked_body(RequestHead& head) {
  ChunkedBody chunks{registry_->limits().body_bytes_max};
  while (!chunks.decode(input_, head.request.body)) {
    socket_->begin_deadline(registry_->limits().body_timeout);
    const auto input = co_await fill();
    if (!require_more(input)) co_return false;
  }
  co_return true;
}

awaitable<bool> Session::continue_if_asked(const RequestHead& head) {
  if (!head.expects_continue || !input_.empty()) co_return true;
  const auto timeout = registry_->limits().write_timeout;
  const bool sent = co_await socket_->send("HTTP/1.1 100 Continue\r\n\r\n", "", timeout);
  co_return sent;
}

awaitable<bool> Session::answer(Response& response, bool keep_alive) {
  registry_->router().edge().cors.add_headers(origin_, response);
  const auto head = answer_head(response, request_id_, keep_alive);
  const bool bodiless = is_head_request_ || !may_have_body(response.status);
  const auto body = bodiless ? std::string_view{} : response.bytes();
  const auto timeout = registry_->limits().write_timeout;
  const bool sent = co_await socket_->send(head, body, timeout);
  co_return sent;
}

// Closing with input unread makes the kernel send a reset, which may overtake the answer.
awaitable<void> Session::linger() {
  socket_->shut_down_send();
  socket_->set_deadline(linger_time);
  socket_->set_idle(true);
  auto input = Input::more;
  for (std::size_t discarded = 0; input == Input::more && discarded < linger_bytes_max;) {
    input_.clear();
    input = co_await fill();
    discarded += input_.size();
  }
  socket_->set_idle(false);
}

awaitable<Session::Input> Session::fill() {
  const auto have = input_.size();
  input_.resize(have + read_size);
  const auto count = co_await socket_->read_some(input_.data() + have, read_size);
  input_.resize(have + count);
  co_return outcome_of(count);
}

Session::Input Session::outcome_of(std::size_t count) const {
  if (socket_->expired()) return Input::expired;
  return count == 0 ? Input::closed : Input::more;
}

bool Session::require_more(Input input) const {
  if (input != Input::expired) return input == Input::more;
  throw Error{ErrorCode::request_timeout, "the request did not come in time"};
}

void Session::give_away(Response& response) {
  registry_->router().edge().cors.add_headers(origin_, response);
  auto head = stream_head(response, request_id_);
  const auto take_over = std::move(response.take_over);
  auto socket = socket_->release();
  finish();
  take_over(std::move(socket), std::move(head));
}

void Session::finish() {
  socket_->close();
  registry_->leave(this);
}

}  // namespace fechatter::http
