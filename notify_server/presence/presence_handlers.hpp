#pragma once

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::notify {

class NotifyApp;

awaitable<http::Response> list_online_users(const http::Request& request, NotifyApp& app);
awaitable<http::Response> list_online_members(const http::Request& request, NotifyApp& app);
awaitable<http::Response> subscribe_to_presence(const http::Request& request, NotifyApp& app);

}  // namespace fechatter::notify
