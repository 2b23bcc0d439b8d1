#pragma once

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::server {

class App;

awaitable<http::Response> create_chat(const http::Request& request, App& app);
awaitable<http::Response> list_chats(const http::Request& request, App& app);
awaitable<http::Response> get_chat(const http::Request& request, App& app);
awaitable<http::Response> list_public_channels(const http::Request& request, App& app);
awaitable<http::Response> update_chat(const http::Request& request, App& app);
awaitable<http::Response> set_chat_settings(const http::Request& request, App& app);
awaitable<http::Response> archive_chat(const http::Request& request, App& app);
awaitable<http::Response> unarchive_chat(const http::Request& request, App& app);
awaitable<http::Response> delete_chat(const http::Request& request, App& app);
awaitable<http::Response> restore_chat(const http::Request& request, App& app);

}  // namespace fechatter::server
