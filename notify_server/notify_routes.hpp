#pragma once

#include <span>
#include <vector>

#include "fechatter_core/http/router.hpp"

namespace fechatter::notify {

class App;

struct RouteRow {
  http::Method method;
  const char* path;
  http::Access access;
  awaitable<http::Response> (*handler)(const http::Request&, App&);
};

// The site map: every path notify_server answers.
std::span<const RouteRow> route_table();

// The site map, bound to `app`.
std::vector<http::Route> make_routes(App& app);

}  // namespace fechatter::notify
