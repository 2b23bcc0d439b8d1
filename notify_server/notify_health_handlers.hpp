#pragma once

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::notify {

class NotifyApp;

awaitable<http::Response> health(const http::Request& request, NotifyApp& app);
awaitable<http::Response> health_simple(const http::Request& request, NotifyApp& app);
awaitable<http::Response> sse_health(const http::Request& request, NotifyApp& app);

}  // namespace fechatter::notify
