#include "fechatter_server/health/health_handlers.hpp"

#include "fechatter_server/app.hpp"

namespace fechatter::server {

awaitable<http::Response> health(const http::Request&, App& app) {
  const auto report = co_await app.check_health();
  auto body = report.to_json();
  body["database_pool_usage"] = app.database_pool_usage();
  body["meilisearch_status"] = app.meilisearch_status(report);
  auto response = http::json_response(report.http_status(), body);
  if (response.status == 503) response.with_header("Retry-After", "1");
  co_return response;
}

awaitable<http::Response> health_simple(const http::Request&, App&) {
  co_return http::text_response(200, "OK");
}

}  // namespace fechatter::server
