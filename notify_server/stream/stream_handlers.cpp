#include "notify_server/stream/stream_handlers.hpp"

#include "fechatter_core/auth/ticket.hpp"
#include "fechatter_core/auth/token_text.hpp"
#include "notify_server/notify_app.hpp"
#include "notify_server/stream/sse_frame.hpp"

namespace fechatter::notify {
namespace {

std::string query_token_of(const http::Request& request, bool allowed) {
  auto token = request.find_query("access_token");
  if (!token) token = request.find_query("token");
  if (!token) throw Error{ErrorCode::unauthenticated, "A token or a ticket is needed."};
  if (allowed) return std::move(*token);
  throw Error{ErrorCode::unauthenticated,
              "No token is taken from the query here: use a ticket, or the Authorization header."};
}

// A GET uses the ticket up, whether or not the stream opens; HEAD is safe (RFC 9110 §9.2.1) and
// leaves it.
awaitable<auth::Identity> identity_of_ticket(std::string ticket, bool uses_up, NotifyApp& app) {
  auto hash = auth::hash_of(ticket);
  auto looking_up =
      uses_up ? app.tickets().take(std::move(hash)) : app.tickets().find(std::move(hash));
  const auto found = co_await std::move(looking_up);
  if (!found) throw auth::invalid_ticket();
  app.require_open_session(*found);
  co_return *found;
}

struct Bearer {
  auth::Identity identity;
  bool by_query_token = false;
};

// The safer way first: the header, then a ticket in the query, then a token there.
awaitable<Bearer> identify(const http::Request& request, NotifyApp& app) {
  const auto before = [&] { app.edge().admit_verification(request, request.rate_report()); };
  if (const auto bearer = request.bearer_token()) {
    co_return Bearer{app.authenticate(*bearer, before)};
  }
  auto ticket = request.find_query("ticket");
  if (!ticket) {
    const auto token = query_token_of(request, app.settings().query_token);
    co_return Bearer{app.authenticate(token, before), true};
  }
  app.require_signed_ticket(*ticket, before);
  const bool uses_up = request.method != http::Method::head;
  auto redeeming = identity_of_ticket(std::move(*ticket), uses_up, app);
  auto identity = co_await std::move(redeeming);
  co_return Bearer{std::move(identity)};
}

Cursor cursor_of(const http::Request& request) {
  // An empty header is none: some clients send one before their first event.
  const auto* last = request.find_header("last-event-id");
  if (last && !last->empty()) return parse_cursor(*last);
  return parse_cursor(request.find_query("last_event_id").value_or(""));
}

SocketHandle release_descriptor(Socket socket) {
  boost::system::error_code ignored;
  const auto end = socket.local_endpoint(ignored);
  return {socket.release(), end.address().is_v6()};
}

}  // namespace

awaitable<http::Response> open_stream(const http::Request& request, NotifyApp& app) {
  if (app.hub().connections() >= app.settings().streams_max) {
    throw Error{ErrorCode::overloaded, "Too many streams are open."};
  }
  const auto bearer = co_await identify(request, app);
  const auto& identity = bearer.identity;
  // A client that sends its token in the query never comes back with a fresh one.
  StreamRequest wanted{identity.user_id,     identity.workspace_id, identity.session_id,
                       identity.expires_at,  cursor_of(request),    {},
                       bearer.by_query_token};
  http::Response response;
  response.content_type = "text/event-stream";
  response.with_header("X-Accel-Buffering", "no");
  if (request.method == http::Method::head) co_return response;
  app.charge_open(identity.user_id);
  response.take_over = [&app, wanted = std::move(wanted)](Socket socket, std::string head) mutable {
    wanted.head = std::move(head);
    app.hub().adopt(std::move(wanted), release_descriptor(std::move(socket)));
  };
  co_return response;
}

}  // namespace fechatter::notify
