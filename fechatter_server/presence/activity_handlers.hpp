#pragma once

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::server {

class App;

awaitable<http::Response> set_presence(const http::Request& request, App& app);
awaitable<http::Response> set_typing(const http::Request& request, App& app);

// Of the older paths, which say themselves whether the user types; the first two have `chat_id` in
// the body.
awaitable<http::Response> start_typing(const http::Request& request, App& app);
awaitable<http::Response> stop_typing(const http::Request& request, App& app);
awaitable<http::Response> start_typing_in_chat(const http::Request& request, App& app);
awaitable<http::Response> stop_typing_in_chat(const http::Request& request, App& app);

}  // namespace fechatter::server
