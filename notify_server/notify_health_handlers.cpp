#include "notify_server/notify_health_handlers.hpp"

#include "notify_server/notify_app.hpp"

namespace fechatter::notify {

awaitable<http::Response> health(const http::Request&, NotifyApp& app) {
  const auto report = co_await app.check_health();
  auto body = report.to_json();
  body["database_pool_usage"] = app.database_pool_usage();
  auto response = http::json_response(report.http_status(), body);
  if (response.status == 503) response.with_header("Retry-After", "1");
  co_return response;
}

awaitable<http::Response> health_simple(const http::Request&, NotifyApp&) {
  co_return http::text_response(200, "OK");
}

awaitable<http::Response> sse_health(const http::Request&, NotifyApp& app) {
  auto counting = app.hub().active_chats();
  const auto active_chats = co_await std::move(counting);
  const nlohmann::json body{{"status", "healthy"},
                            {"service", "notify_server"},
                            {"transport", "sse"},
                            {"connected_users", app.hub().online_users()},
                            {"active_chats", active_chats}};
  co_return http::json_response(200, body);
}

}  // namespace fechatter::notify
