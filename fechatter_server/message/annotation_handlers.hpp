#pragma once

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::server {

class App;

awaitable<http::Response> add_reaction(const http::Request& request, App& app);
awaitable<http::Response> add_reaction_of_body(const http::Request& request, App& app);
awaitable<http::Response> remove_reaction(const http::Request& request, App& app);

awaitable<http::Response> pin_message(const http::Request& request, App& app);
awaitable<http::Response> unpin_message(const http::Request& request, App& app);
awaitable<http::Response> list_pins(const http::Request& request, App& app);

awaitable<http::Response> save_message(const http::Request& request, App& app);
awaitable<http::Response> unsave_message(const http::Request& request, App& app);
awaitable<http::Response> list_saved_messages(const http::Request& request, App& app);

awaitable<http::Response> list_message_edits(const http::Request& request, App& app);

}  // namespace fechatter::server
