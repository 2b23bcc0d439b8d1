#pragma once

#include <string>
#include <vector>

#include "fechatter_core/http/router.hpp"
#include "fechatter_core/observability/profiler.hpp"

namespace fechatter::http {

// GET /debug/pprof/profile?seconds=, /heap and /cmdline, GET and POST /debug/pprof/symbol, as pprof
// asks for them. Each needs the token, as `Authorization: Bearer` or as the password of `Basic`,
// for tools that know only URLs with one; otherwise 401. `profiler` outlives the routes.
std::vector<Route> profile_routes(observability::Profiler& profiler, const std::string& token);

}  // namespace fechatter::http
