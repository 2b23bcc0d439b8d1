#pragma once

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::server {

class App;

awaitable<http::Response> search_messages(const http::Request& request, App& app);
awaitable<http::Response> search_chat_messages(const http::Request& request, App& app);

}  // namespace fechatter::server
