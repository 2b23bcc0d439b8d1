#include "fechatter_server/health/health_handlers.hpp"

#include <nlohmann/json.hpp>

#include "fechatter_core/http/health_response.hpp"
#include "fechatter_server/app.hpp"

namespace fechatter::server {

awaitable<http::Response> health(const http::Request& request, App& app) {
  const auto report = co_await app.check_health();
  const nlohmann::json own{{"database_pool_usage", app.database_pool_usage()},
                           {"meilisearch_status", app.meilisearch_status(report)},
                           {"untrusted_forwarding", app.edge().forwarding->is_recent()}};
  co_return http::health_response(report, app.edge().is_internal(request), own);
}

awaitable<http::Response> health_simple(const http::Request&, App&) {
  co_return http::text_response(200, "OK");
}

}  // namespace fechatter::server
