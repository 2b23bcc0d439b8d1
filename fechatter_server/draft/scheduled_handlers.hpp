#pragma once

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::server {

class App;

awaitable<http::Response> schedule_message(const http::Request& request, App& app);
awaitable<http::Response> list_scheduled(const http::Request& request, App& app);
awaitable<http::Response> change_scheduled(const http::Request& request, App& app);
awaitable<http::Response> cancel_scheduled(const http::Request& request, App& app);

}  // namespace fechatter::server
