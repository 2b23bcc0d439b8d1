#pragma once

#include "fechatter_core/http/request.hpp"
#include "fechatter_core/http/response.hpp"

namespace fechatter::server {

class App;

awaitable<http::Response> create_invitation(const http::Request& request, App& app);
awaitable<http::Response> list_invitations(const http::Request& request, App& app);
awaitable<http::Response> revoke_invitation(const http::Request& request, App& app);
awaitable<http::Response> set_workspace_member(const http::Request& request, App& app);

}  // namespace fechatter::server
