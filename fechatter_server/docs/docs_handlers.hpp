#pragma once

#include "fechatter_core/async.hpp"
#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::server {

class App;

// The API's description, and Swagger UI to read it with: everything from inside the binary, under a
// Content-Security-Policy that allows nothing inline and nothing from elsewhere, but requests to
// notify_server.
awaitable<http::Response> get_api_description(const http::Request& request, App& app);
// `/docs/`: 302 to `/docs`.
awaitable<http::Response> go_to_docs(const http::Request& request, App& app);
awaitable<http::Response> get_docs_page(const http::Request& request, App& app);
awaitable<http::Response> get_docs_file(const http::Request& request, App& app);

}  // namespace fechatter::server
