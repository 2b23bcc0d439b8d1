#pragma once

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::server {

class App;

awaitable<http::Response> put_draft(const http::Request& request, App& app);
awaitable<http::Response> get_draft(const http::Request& request, App& app);
awaitable<http::Response> delete_draft(const http::Request& request, App& app);
awaitable<http::Response> list_drafts(const http::Request& request, App& app);

}  // namespace fechatter::server
