#pragma once

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::server {

class App;

awaitable<http::Response> get_preferences(const http::Request& request, App& app);
awaitable<http::Response> set_preferences(const http::Request& request, App& app);
awaitable<http::Response> get_chat_preferences(const http::Request& request, App& app);
awaitable<http::Response> set_chat_preferences(const http::Request& request, App& app);

}  // namespace fechatter::server
