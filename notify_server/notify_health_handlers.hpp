#pragma once

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::notify {

class App;

awaitable<http::Response> health(const http::Request& request, App& app);
awaitable<http::Response> health_simple(const http::Request& request, App& app);
awaitable<http::Response> sse_health(const http::Request& request, App& app);

}  // namespace fechatter::notify
