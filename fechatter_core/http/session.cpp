#include "fechatter_core/http/session.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <optional>

#include "fechatter_core/http/failure.hpp"
#include "fechatter_core/http/page_origin.hpp"
#include "fechatter_core/http/response_head.hpp"
#include "fechatter_core/http/source_writer.hpp"

namespace fechatter::http {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t linger_read_size = 64 * 1024;
constexpr milliseconds linger_silence_max{1000};    // of a client that neither sends nor closes
constexpr milliseconds anonymous_linger_max{3000};  // http.linger_timeout_ms is for signed-in users

}  // namespace

// How long and how far the rest of the input is discarded.
struct Session::LingerLimits {
  milliseconds time;
  std::size_t bytes_max;
};

Session::Session(Socket socket, std::shared_ptr<SessionRegistry> registry)
    : registry_{std::move(registry)},
      socket_{std::make_shared<TimedSocket>(std::move(socket))},
      input_{*socket_, registry_->limits()} {
  socket_->begin_evictable_wait();
}

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
    spdlog::error("{} connection closed after a failure: {}", self->request_id_, error.what());
  }
  self->finish();
}

awaitable<void> Session::refuse(std::shared_ptr<Session> self, Error refusal) {
  // A refused connection sends little, and only a few refusals run at a time.
  const LingerLimits limits{linger_silence_max, linger_read_size};
  try {
    self->request_id_ = make_request_id();
    co_await self->respond_and_close(refusal, limits);
  } catch (const std::exception& error) {
    spdlog::error("{} refusal of a connection failed: {}", self->request_id_, error.what());
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
  if (!refusal) co_return;
  const auto limits = linger_limits();
  co_await respond_and_close(*refusal, limits);
}

awaitable<void> Session::respond_and_close(const Error& refusal, const LingerLimits& limits) {
  auto response = problem_response(refusal, request_id_);
  router().note_refusal(response.status);
  const bool sent = co_await respond(response, false);
  if (sent) co_await linger(limits);
}

// False when the connection is at its end.
awaitable<bool> Session::serve_next() {
  const bool begun = co_await wait_for_request();
  if (!begun) co_return false;
  RequestHead head;
  const bool complete = co_await input_.read_head(head);
  if (!complete) co_return false;
  identify(head);

  auto& request = head.request;
  auto admission = router().admit(request);
  if (head.has_unexpected_body) refuse_body(head, admission);
  is_anonymous_ = !request.caller;
  if (!is_anonymous_) socket_->end_evictable_wait();
  BodyReader body{input_, head, body_bytes_max(admission)};
  request.reader = &body;
  request.rates = &admission.rates;
  request.pace = &admission.pace;
  if (admission.route && !body.at_end()) {
    const bool received = co_await body.receive(admission.route->body.kind, request.body);
    if (!received) co_return false;
  }
  socket_->end_evictable_wait();
  auto response = std::move(admission.response);
  if (admission.route) response = co_await router().handle(admission, request);
  if (response.take_over) {
    hand_over_socket(response);
    co_return false;
  }

  if (is_anonymous_) socket_->begin_evictable_wait();
  const bool keep_alive =
      head.keep_alive && !evicted_ && !registry_->draining() && body.is_skippable();
  auto responding = response.source ? respond_from_source(request, response, keep_alive)
                                    : respond(response, keep_alive);
  const bool sent = co_await std::move(responding);
  served_any_ = true;
  if (!sent || (keep_alive && body.at_end())) co_return sent;
  co_return co_await end_exchange(body, keep_alive);
}

// RFC 9110 §9.3.1: a body on GET has no meaning, and can be request smuggling: nothing behind the
// head is served. A path that has no GET is the better reason.
void Session::refuse_body(RequestHead& head, Admission& admission) const {
  head.keep_alive = false;
  if (!admission.route && admission.response.status == 405) return;
  admission.route = nullptr;
  const Error refusal{ErrorCode::malformed_request, "a body on GET or HEAD"};
  admission.response = problem_response(refusal, head.request.id);
  admission.rates.write(admission.response);
}

// The limit of an early refusal is that of the rest that is worth discarding.
std::size_t Session::body_bytes_max(const Admission& admission) const {
  if (!admission.route) return BodyReader::skipped_bytes_max;
  const auto own = admission.route->body.bytes_max;
  return own > 0 ? own : registry_->limits().body_bytes_max;
}

// After a response before the end of the body, or one that closes the connection. False when the
// connection is at its end.
awaitable<bool> Session::end_exchange(BodyReader& body, bool keep_alive) {
  if (keep_alive) {
    socket_->set_idle(true);
    const bool skipped = co_await body.skip();
    socket_->set_idle(false);
    if (skipped) co_return true;
  }
  if (body.at_end() && input_.bytes().empty() && !socket_->has_unread_input()) co_return false;
  const auto limits = linger_limits();
  co_await linger(limits);
  co_return false;
}

awaitable<bool> Session::wait_for_request() {
  if (evicted_) co_return false;
  is_head_request_ = false;
  is_by_https_ = false;
  origin_.clear();
  request_id_ = make_request_id();
  socket_->begin_evictable_wait();
  if (!input_.bytes().empty()) co_return true;
  if (registry_->draining()) co_return false;
  input_.shrink();
  const auto& limits = registry_->limits();
  const auto fresh = std::min(limits.header_timeout, limits.idle_timeout);
  socket_->set_deadline(served_any_ ? limits.idle_timeout : fresh);
  socket_->set_idle(true);
  const auto outcome = co_await input_.fill();
  socket_->set_idle(false);
  socket_->clear_deadline();
  co_return outcome == RequestInput::Outcome::more;
}

void Session::identify(RequestHead& head) {
  auto& request = head.request;
  if (request.id.empty()) request.id = request_id_;
  request_id_ = request.id;
  request.peer_address = socket_->peer_address();
  is_head_request_ = request.method == Method::head;
  is_http_10_ = head.is_http_10;
  if (const auto* origin = request.find_header("origin")) origin_ = *origin;
  is_by_https_ = is_by_https(request, router().edge().proxies);
}

void Session::add_edge_headers(Response& response) const {
  const auto& edge = router().edge();
  edge.cors.add_headers(origin_, response);
  // RFC 6797 §7.2: never in an answer by http.
  if (is_by_https_ && !edge.strict_transport.empty()) {
    response.with_header("Strict-Transport-Security", edge.strict_transport);
  }
}

std::string Session::head_of(Response& response, bool keep_alive) const {
  add_edge_headers(response);
  return response_head(response, request_id_, keep_alive, framing_of(response, is_http_10_));
}

awaitable<bool> Session::respond(Response& response, bool keep_alive) {
  const auto head = head_of(response, keep_alive);
  const bool bodiless = is_head_request_ || !may_have_body(response.status);
  const auto body = bodiless ? std::string_view{} : response.bytes();
  const auto timeout = registry_->limits().write_timeout;
  const bool sent = co_await socket_->send(head, body, timeout);
  co_return sent;
}

awaitable<bool> Session::respond_from_source(const Request& request, Response& response,
                                             bool keep_alive) {
  apply_range(request, response);
  const bool has_body = response.source && !is_head_request_ && may_have_body(response.status);
  if (!has_body) co_return co_await respond(response, keep_alive);
  SourceWriter writer{*socket_, response, registry_->limits().write_timeout};
  std::exception_ptr failure;
  try {
    co_await writer.read_first();
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    response = failure_response(failure, request);
    co_return co_await respond(response, keep_alive);
  }
  auto head = head_of(response, keep_alive);
  const auto framing = framing_of(response, is_http_10_);
  bool sent = false;
  try {
    sent = co_await writer.write(std::move(head), framing);
  } catch (const std::exception& error) {
    spdlog::error("{} the source of a response failed: {}", request_id_, error.what());
  }
  co_return sent;
}

// A close with unread input makes the kernel send a reset, which may overtake the response.
awaitable<void> Session::linger(const LingerLimits& limits) {
  socket_->shut_down_send();
  socket_->set_idle(true);
  socket_->begin_evictable_wait();
  const auto end = Clock::now() + limits.time;
  auto outcome = RequestInput::Outcome::more;
  for (std::size_t discarded = 0; discarded < limits.bytes_max;) {
    const auto left = std::chrono::ceil<milliseconds>(end - Clock::now());
    if (outcome != RequestInput::Outcome::more || left <= milliseconds::zero()) break;
    input_.bytes().clear();
    socket_->set_deadline(std::min(left, linger_silence_max));
    outcome = co_await input_.fill(linger_read_size);
    discarded += input_.bytes().size();
  }
  socket_->set_idle(false);
}

Session::LingerLimits Session::linger_limits() const {
  const auto& limits = registry_->limits();
  auto time = limits.linger_timeout;
  if (is_anonymous_) time = std::min(time, anonymous_linger_max);
  if (registry_->draining()) time = std::min(time, linger_silence_max);
  return {time, limits.linger_bytes_max};
}

void Session::evict() {
  asio::post(socket_->executor(), [self = shared_from_this()] {
    self->evicted_ = true;
    if (self->waiting_since()) self->socket_->close();
  });
}

void Session::hand_over_socket(Response& response) {
  add_edge_headers(response);
  auto head = response_head(response, request_id_, false, BodyFraming::until_close);
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
