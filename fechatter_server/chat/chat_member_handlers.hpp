#pragma once

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::server {

class App;

awaitable<http::Response> list_chat_members(const http::Request& request, App& app);
awaitable<http::Response> add_chat_members(const http::Request& request, App& app);
awaitable<http::Response> remove_chat_members(const http::Request& request, App& app);
awaitable<http::Response> set_chat_role(const http::Request& request, App& app);
awaitable<http::Response> join_chat(const http::Request& request, App& app);
awaitable<http::Response> leave_chat(const http::Request& request, App& app);
awaitable<http::Response> take_over_chats(const http::Request& request, App& app);

}  // namespace fechatter::server
