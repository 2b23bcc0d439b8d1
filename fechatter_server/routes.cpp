#include "fechatter_server/routes.hpp"

#include "fechatter_server/auth/auth_handlers.hpp"
#include "fechatter_server/chat/chat_handlers.hpp"
#include "fechatter_server/health/health_handlers.hpp"
#include "fechatter_server/message/message_handlers.hpp"
#include "fechatter_server/user/user_handlers.hpp"

namespace fechatter::server {
namespace {

using enum http::Method;
using enum http::Access;

struct Row {
  http::Method method;
  const char* path;
  http::Access access;
  awaitable<http::Response> (*handler)(const http::Request&, App&);
};

constexpr Row rows[] = {
    {post, "/api/signup", anyone, sign_up},
    {post, "/api/signin", anyone, sign_in},
    {post, "/api/refresh", anyone, refresh},
    {post, "/api/logout", anyone, logout},
    {post, "/api/logout-all", signed_in, logout_all},
    {get, "/api/users", signed_in, list_users},
    {get, "/api/users/profile", signed_in, get_own_profile},
    {get, "/api/users/{id}/profile", signed_in, get_profile},
    {post, "/api/users/change-password", signed_in, change_password},
    {post, "/api/workspace/invitations", signed_in, create_invitation},

    {get, "/api/chat", signed_in, list_chats},
    {post, "/api/chat", signed_in, create_chat},
    {get, "/api/chat/{id}", signed_in, get_chat},
    {get, "/api/chat/{id}/members", signed_in, list_chat_members},

    {get, "/api/chat/{id}/messages", signed_in, list_messages},
    {post, "/api/chat/{id}/messages", signed_in, send_message},

    {get, "/health", anyone, health},
    {get, "/health/simple", anyone, health_simple},
};

}  // namespace

std::vector<http::Route> make_routes(App& app) {
  std::vector<http::Route> routes;
  for (const auto& row : rows) {
    auto handler = [&app, handle = row.handler](const http::Request& request) {
      return handle(request, app);
    };
    routes.push_back({row.method, row.path, row.access, std::move(handler)});
  }
  return routes;
}

}  // namespace fechatter::server
