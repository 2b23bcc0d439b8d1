#pragma once

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::server {

class App;

awaitable<http::Response> read_chat(const http::Request& request, App& app);
// The deprecated way, with the message in the path.
awaitable<http::Response> read_message(const http::Request& request, App& app);
awaitable<http::Response> unread_chat(const http::Request& request, App& app);
awaitable<http::Response> list_unread_counts(const http::Request& request, App& app);
awaitable<http::Response> list_receipts(const http::Request& request, App& app);

}  // namespace fechatter::server
