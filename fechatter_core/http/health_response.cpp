#include "fechatter_core/http/health_response.hpp"

#include <nlohmann/json.hpp>

namespace fechatter::http {

Response health_response(const observability::HealthReport& report, bool internal,
                         const nlohmann::json& own) {
  auto body = internal ? report.details() : report.summary();
  if (internal) body.update(own);
  auto response = json_response(report.http_status(), body);
  if (response.status == 503) response.with_header("Retry-After", "1");
  return response;
}

}  // namespace fechatter::http
