#pragma once

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::server {

class App;

awaitable<http::Response> list_mentions(const http::Request& request, App& app);

}  // namespace fechatter::server
