#pragma once

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::server {

class App;

awaitable<http::Response> sign_up(const http::Request& request, App& app);
awaitable<http::Response> get_invitation(const http::Request& request, App& app);
awaitable<http::Response> sign_in(const http::Request& request, App& app);
awaitable<http::Response> refresh(const http::Request& request, App& app);
awaitable<http::Response> logout(const http::Request& request, App& app);
awaitable<http::Response> logout_all(const http::Request& request, App& app);
awaitable<http::Response> change_password(const http::Request& request, App& app);
awaitable<http::Response> create_event_ticket(const http::Request& request, App& app);

}  // namespace fechatter::server
