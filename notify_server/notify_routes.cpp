#include "notify_server/notify_routes.hpp"

#include "notify_server/notify_health_handlers.hpp"
#include "notify_server/presence/presence_handlers.hpp"
#include "notify_server/stream/stream_handlers.hpp"

namespace fechatter::notify {
namespace {

using enum http::Method;
using enum http::Access;
using http::Rate;

constexpr RouteRow rows[] = {
    // The token may also be in the query. After a restart all clients open their streams at once.
    {get, "/events", anyone, open_stream, Rate::on_failure},
    {get, "/api/online-users", signed_in, list_online_users},
    {get, "/api/chat/{id}/online", signed_in, list_online_members},
    {post, "/api/presence/subscriptions", signed_in, subscribe_to_presence, Rate::by_access,
     http::buffered_body(16'384)},
    {get, "/api/sse/health", anyone, sse_health},

    {get, "/health", anyone, health, Rate::never},
    {get, "/health/simple", anyone, health_simple, Rate::never},
};

// Not in the table: by default it is on the listener for operators alone.
http::Route metrics_route(NotifyApp& app) {
  const auto is_internal = [&app](const http::Request& request) {
    return app.edge().is_internal(request);
  };
  return http::metrics_route(app.metrics(), is_internal);
}

}  // namespace

std::span<const RouteRow> route_table() {
  return rows;
}

std::vector<http::Route> make_routes(NotifyApp& app) {
  std::vector<http::Route> routes;
  for (const auto& row : route_table()) {
    auto handler = [&app, handle = row.handler](const http::Request& request) {
      return handle(request, app);
    };
    routes.push_back({row.method, row.path, row.access, std::move(handler), row.rate, row.body});
  }
  if (app.settings().admin.metrics_on_main) routes.push_back(metrics_route(app));
  return routes;
}

}  // namespace fechatter::notify
