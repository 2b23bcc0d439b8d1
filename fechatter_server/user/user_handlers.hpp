#pragma once

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::server {

class App;

awaitable<http::Response> list_users(const http::Request& request, App& app);
awaitable<http::Response> get_own_profile(const http::Request& request, App& app);
awaitable<http::Response> update_own_profile(const http::Request& request, App& app);
awaitable<http::Response> get_profile(const http::Request& request, App& app);
awaitable<http::Response> block_user(const http::Request& request, App& app);
awaitable<http::Response> unblock_user(const http::Request& request, App& app);

}  // namespace fechatter::server
