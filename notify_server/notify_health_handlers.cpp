#include "notify_server/notify_health_handlers.hpp"

#include "fechatter_core/http/health_response.hpp"
#include "notify_server/notify_app.hpp"

namespace fechatter::notify {

awaitable<http::Response> health(const http::Request& request, NotifyApp& app) {
  const auto report = co_await app.check_health();
  const nlohmann::json own{{"database_pool_usage", app.database_pool_usage()}};
  co_return http::health_response(report, app.edge().is_internal(request), own);
}

awaitable<http::Response> health_simple(const http::Request&, NotifyApp&) {
  co_return http::text_response(200, "OK");
}

awaitable<http::Response> sse_health(const http::Request& request, NotifyApp& app) {
  nlohmann::json body{{"status", "healthy"}, {"service", "notify_server"}, {"transport", "sse"}};
  if (app.edge().is_internal(request)) {
    auto counting = app.hub().active_chats();
    body["active_chats"] = co_await std::move(counting);
    body["connected_users"] = app.hub().online_users();
  }
  co_return http::json_response(200, body);
}

}  // namespace fechatter::notify
