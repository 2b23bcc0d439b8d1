#pragma once

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::server {

class App;

awaitable<http::Response> get_thread(const http::Request& request, App& app);
awaitable<http::Response> follow_thread(const http::Request& request, App& app);
awaitable<http::Response> unfollow_thread(const http::Request& request, App& app);
awaitable<http::Response> read_thread(const http::Request& request, App& app);
awaitable<http::Response> unread_thread(const http::Request& request, App& app);
awaitable<http::Response> list_threads(const http::Request& request, App& app);

}  // namespace fechatter::server
