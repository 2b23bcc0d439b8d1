#pragma once

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::server {

class App;

awaitable<http::Response> list_audit(const http::Request& request, App& app);
awaitable<http::Response> list_user_sessions(const http::Request& request, App& app);
awaitable<http::Response> end_user_session(const http::Request& request, App& app);
awaitable<http::Response> end_all_user_sessions(const http::Request& request, App& app);
awaitable<http::Response> get_workspace_usage(const http::Request& request, App& app);

}  // namespace fechatter::server
