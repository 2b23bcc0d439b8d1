#pragma once

#include <span>
#include <vector>

#include "fechatter_core/http/router.hpp"

namespace fechatter::server {

class App;

struct RouteRow {
  http::Method method = http::Method::other;
  const char* path = "";
  http::Access access = http::Access::signed_in;
  awaitable<http::Response> (*handler)(const http::Request&, App&) = nullptr;
  http::Rate rate = http::Rate::by_access;
  http::BodyPolicy body = {};  // by the method
};

// The site map: the paths of the server, without the deprecated ones (aliases.hpp).
std::span<const RouteRow> route_table();

// The site map and the aliases, bound to `app`; without the documentation where the settings say
// so.
std::vector<http::Route> make_routes(App& app);

}  // namespace fechatter::server
