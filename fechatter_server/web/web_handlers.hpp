#pragma once

#include "fechatter_core/async.hpp"
#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::server {

class App;

// The web client: WebSite says what each of them answers.
awaitable<http::Response> get_start_page(const http::Request& request, App& app);
awaitable<http::Response> get_web_asset(const http::Request& request, App& app);
awaitable<http::Response> get_client_config(const http::Request& request, App& app);
// Of a path that no route has. REQUIRES: WebSite::serves.
awaitable<http::Response> get_web_page(const http::Request& request, App& app);

}  // namespace fechatter::server
