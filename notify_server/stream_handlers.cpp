#include "notify_server/stream_handlers.hpp"

#include "notify_server/app.hpp"
#include "notify_server/sse_frame.hpp"

namespace fechatter::notify {
namespace {

// The header goes before the query: it is the safer way.
std::string token_of(const http::Request& request, bool query_token) {
  if (const auto bearer = request.bearer_token()) return std::string{*bearer};
  if (query_token) {
    if (auto token = request.find_query("access_token")) return *token;
    if (auto token = request.find_query("token")) return *token;
  }
  throw Error{ErrorCode::unauthenticated, "A token is needed."};
}

Cursor cursor_of(const http::Request& request) {
  if (const auto* last = request.find_header("last-event-id")) return parse_cursor(*last);
  return parse_cursor(request.find_query("last_event_id").value_or(""));
}

SocketHandle take_descriptor(Socket socket) {
  boost::system::error_code ignored;
  const auto end = socket.local_endpoint(ignored);
  return {socket.release(), end.address().is_v6()};
}

}  // namespace

awaitable<http::Response> open_stream(const http::Request& request, App& app) {
  const auto identity = app.authenticate(token_of(request, app.settings().query_token));
  if (app.hub().connections() >= app.settings().streams_max) {
    throw Error{ErrorCode::overloaded, "Too many streams are open."};
  }
  StreamRequest wanted{identity.user_id,    identity.workspace_id, identity.session_id,
                       identity.expires_at, cursor_of(request),    request.id};
  http::Response response;
  response.content_type = "text/event-stream";
  if (request.method == http::Method::head) co_return response;
  response.take_over = [&app, wanted = std::move(wanted)](Socket socket) {
    app.hub().adopt(wanted, take_descriptor(std::move(socket)));
  };
  co_return response;
}

}  // namespace fechatter::notify
