#pragma once

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::notify {

class App;

awaitable<http::Response> list_online_users(const http::Request& request, App& app);

}  // namespace fechatter::notify
