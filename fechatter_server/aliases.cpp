#include "fechatter_server/aliases.hpp"

#include <fmt/format.h>

#include "fechatter_server/auth/auth_handlers.hpp"
#include "fechatter_server/chat/chat_handlers.hpp"
#include "fechatter_server/chat/chat_member_handlers.hpp"
#include "fechatter_server/message/annotation_handlers.hpp"
#include "fechatter_server/message/message_handlers.hpp"
#include "fechatter_server/presence/activity_handlers.hpp"
#include "fechatter_server/read/read_handlers.hpp"
#include "fechatter_server/search/search_handlers.hpp"
#include "fechatter_server/user/user_handlers.hpp"

namespace fechatter::server {
namespace {

using enum http::Method;
using enum http::Access;

constexpr RouteRow alias_rows[] = {
    {post, "/api/logout_all", signed_in, logout_all, http::Rate::by_access, http::fieldless_body},
    {put, "/api/users/profile", signed_in, update_own_profile},
    {get, "/api/users/{id}", signed_in, get_profile},
    {put, "/api/chat/{id}", signed_in, update_chat},
    {get, "/api/workspace/chats", signed_in, list_chats},
    {post, "/api/workspace/chats", signed_in, create_chat},
    {post, "/api/chat/{id}/messages/{message_id}/reactions", signed_in, add_reaction_of_body},
    {post, "/api/chat/{id}/messages/{message_id}/read", signed_in, read_message,
     http::Rate::by_access, http::fieldless_body},
    {post, "/api/realtime/chat/{id}/messages/{message_id}/read", signed_in, read_message,
     http::Rate::by_access, http::fieldless_body},
    {post, "/api/realtime/presence", signed_in, set_presence, http::Rate::by_access,
     http::buffered_body(4096)},
    {post, "/api/realtime/typing/start", signed_in, start_typing, http::Rate::by_access,
     http::buffered_body(4096)},
    {post, "/api/realtime/typing/stop", signed_in, stop_typing, http::Rate::by_access,
     http::buffered_body(4096)},
    {post, "/api/chat/{id}/typing/start", signed_in, start_typing_in_chat, http::Rate::by_access,
     http::fieldless_body},
    {post, "/api/chat/{id}/typing/stop", signed_in, stop_typing_in_chat, http::Rate::by_access,
     http::fieldless_body},
    {patch, "/api/workspace/chats/{id}", signed_in, update_chat},
    {delete_, "/api/workspace/chats/{id}", signed_in, delete_chat},
    {post, "/api/workspace/chats/{id}/leave", signed_in, leave_chat, http::Rate::by_access,
     http::fieldless_body},
    {get, "/api/chats/{id}/messages/{message_id}/context", signed_in, list_message_context},
    {post, "/api/chat/{id}/messages/search", signed_in, search_chat_messages, http::Rate::search},
};

}  // namespace

std::span<const RouteRow> alias_table() {
  return alias_rows;
}

void accept_older_names(http::JsonFields& fields) {
  fields.alias("workspace", "workspace_name");
  fields.alias("members", "member_ids");
}

std::string_view current_sort_name(std::string_view sent) {
  if (sent == "date_desc") return "newest";
  return sent == "date_asc" ? "oldest" : sent;
}

std::string in_older_envelope(std::string_view object) {
  const auto fields = object.substr(1);
  return fmt::format(R"({{"success":true,"data":{}{}{})", object, fields == "}" ? "" : ",", fields);
}

}  // namespace fechatter::server
