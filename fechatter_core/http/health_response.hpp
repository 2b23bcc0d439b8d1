#pragma once

#include <nlohmann/json_fwd.hpp>

#include "fechatter_core/http/response.hpp"
#include "fechatter_core/observability/health.hpp"

namespace fechatter::http {

// The response to GET /health of both servers: the summary, or for an internal caller the details
// and `own`, an object with those of the server itself.
Response health_response(const observability::HealthReport& report, bool internal,
                         const nlohmann::json& own);

}  // namespace fechatter::http
