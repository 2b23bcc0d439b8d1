#pragma once

#include <span>
#include <vector>

#include "fechatter_core/http/router.hpp"

namespace fechatter::notify {

class NotifyApp;

struct RouteRow {
  http::Method method = http::Method::other;
  const char* path = "";
  http::Access access = http::Access::signed_in;
  awaitable<http::Response> (*handler)(const http::Request&, NotifyApp&) = nullptr;
  http::Rate rate = http::Rate::by_access;
  http::BodyPolicy body = {};  // by the method
};

// The site map: every path of notify_server.
std::span<const RouteRow> route_table();

// The site map, bound to `app`.
std::vector<http::Route> make_routes(NotifyApp& app);

}  // namespace fechatter::notify
