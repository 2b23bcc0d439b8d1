#include "fechatter_server/routes.hpp"

#include "fechatter_server/aliases.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/auth/auth_handlers.hpp"
#include "fechatter_server/chat/chat_handlers.hpp"
#include "fechatter_server/chat/chat_member_handlers.hpp"
#include "fechatter_server/docs/docs_handlers.hpp"
#include "fechatter_server/draft/draft_handlers.hpp"
#include "fechatter_server/draft/scheduled_handlers.hpp"
#include "fechatter_server/file/file_handlers.hpp"
#include "fechatter_server/file/resumable_handlers.hpp"
#include "fechatter_server/health/health_handlers.hpp"
#include "fechatter_server/mention/mention_handlers.hpp"
#include "fechatter_server/message/annotation_handlers.hpp"
#include "fechatter_server/message/message_handlers.hpp"
#include "fechatter_server/preference/preference_handlers.hpp"
#include "fechatter_server/presence/activity_handlers.hpp"
#include "fechatter_server/read/read_handlers.hpp"
#include "fechatter_server/search/search_handlers.hpp"
#include "fechatter_server/thread/thread_handlers.hpp"
#include "fechatter_server/user/user_handlers.hpp"
#include "fechatter_server/web/web_handlers.hpp"
#include "fechatter_server/workspace/administration_handlers.hpp"
#include "fechatter_server/workspace/workspace_handlers.hpp"

namespace fechatter::server {
namespace {

using enum http::Method;
using enum http::Access;
using http::Rate;

constexpr RouteRow route_rows[] = {
    {post, "/api/signup", anyone, sign_up, Rate::credentials},
    {get, "/api/invitations/{token}", anyone, get_invitation},
    {post, "/api/signin", anyone, sign_in, Rate::credentials},
    {post, "/api/refresh", anyone, refresh, Rate::address},
    {post, "/api/logout", anyone, logout, Rate::address},
    {post, "/api/logout-all", signed_in, logout_all, Rate::by_access, http::fieldless_body},
    {get, "/api/users", signed_in, list_users},
    {get, "/api/users/profile", signed_in, get_own_profile},
    {patch, "/api/users/profile", signed_in, update_own_profile},
    {get, "/api/users/{id}/profile", signed_in, get_profile},
    {put, "/api/users/{id}/block", signed_in, block_user, Rate::by_access, http::fieldless_body},
    {delete_, "/api/users/{id}/block", signed_in, unblock_user},
    {post, "/api/users/change-password", signed_in, change_password, Rate::credentials},
    {post, "/api/events/ticket", signed_in, create_event_ticket, Rate::by_access,
     http::fieldless_body},

    {get, "/api/workspace/invitations", signed_in, list_invitations},
    {post, "/api/workspace/invitations", signed_in, create_invitation, Rate::by_access,
     http::buffered_body(4096)},
    {delete_, "/api/workspace/invitations/{id}", signed_in, revoke_invitation},
    {patch, "/api/workspace/members/{id}", signed_in, set_workspace_member},
    {get, "/api/admin/audit", signed_in, list_audit, Rate::search},
    {get, "/api/admin/usage", signed_in, get_workspace_usage, Rate::search},
    {get, "/api/admin/users/{id}/sessions", signed_in, list_user_sessions},
    {post, "/api/admin/users/{id}/sessions/end", signed_in, end_all_user_sessions, Rate::by_access,
     http::fieldless_body},
    {delete_, "/api/admin/users/{id}/sessions/{session_id}", signed_in, end_user_session},
    {post, "/api/admin/users/{id}/take-over-chats", signed_in, take_over_chats, Rate::by_access,
     http::fieldless_body},

    {get, "/api/chat", signed_in, list_chats},
    {post, "/api/chat", signed_in, create_chat},
    {get, "/api/chat/{id}", signed_in, get_chat},
    {patch, "/api/chat/{id}", signed_in, update_chat},
    {delete_, "/api/chat/{id}", signed_in, delete_chat},
    {post, "/api/chat/{id}/restore", signed_in, restore_chat, Rate::by_access,
     http::fieldless_body},
    {put, "/api/chat/{id}/settings", signed_in, set_chat_settings},
    {post, "/api/chat/{id}/archive", signed_in, archive_chat, Rate::by_access,
     http::fieldless_body},
    {post, "/api/chat/{id}/unarchive", signed_in, unarchive_chat, Rate::by_access,
     http::fieldless_body},
    {get, "/api/chat/{id}/members", signed_in, list_chat_members},
    {post, "/api/chat/{id}/members", signed_in, add_chat_members},
    {delete_, "/api/chat/{id}/members", signed_in, remove_chat_members, Rate::by_access,
     http::buffered_body()},
    {patch, "/api/chat/{id}/members/{member_id}", signed_in, set_chat_role},
    {post, "/api/chat/{id}/join", signed_in, join_chat, Rate::by_access, http::fieldless_body},
    {post, "/api/chat/{id}/leave", signed_in, leave_chat, Rate::by_access, http::fieldless_body},
    {get, "/api/chats/public", signed_in, list_public_channels},

    {get, "/api/chat/{id}/messages", signed_in, list_messages},
    {post, "/api/chat/{id}/messages", signed_in, send_message},
    {get, "/api/chat/{id}/messages/{message_id}", signed_in, get_message},
    {patch, "/api/chat/{id}/messages/{message_id}", signed_in, edit_message},
    {delete_, "/api/chat/{id}/messages/{message_id}", signed_in, delete_message},

    {put, "/api/chat/{id}/messages/{message_id}/reactions/{emoji}", signed_in, add_reaction},
    {delete_, "/api/chat/{id}/messages/{message_id}/reactions/{emoji}", signed_in, remove_reaction},
    {get, "/api/chat/{id}/messages/{message_id}/history", signed_in, list_message_edits},
    {get, "/api/chat/{id}/pins", signed_in, list_pins},
    {put, "/api/chat/{id}/pins/{message_id}", signed_in, pin_message},
    {delete_, "/api/chat/{id}/pins/{message_id}", signed_in, unpin_message},
    {get, "/api/saved", signed_in, list_saved_messages},
    {put, "/api/saved/{message_id}", signed_in, save_message},
    {delete_, "/api/saved/{message_id}", signed_in, unsave_message},
    {get, "/api/chat/{id}/messages/{message_id}/thread", signed_in, get_thread},
    {post, "/api/chat/{id}/messages/{message_id}/thread/read", signed_in, read_thread},
    {post, "/api/chat/{id}/messages/{message_id}/thread/unread", signed_in, unread_thread},
    {put, "/api/chat/{id}/messages/{message_id}/follow", signed_in, follow_thread},
    {delete_, "/api/chat/{id}/messages/{message_id}/follow", signed_in, unfollow_thread},
    {get, "/api/threads", signed_in, list_threads},
    {get, "/api/mentions", signed_in, list_mentions},
    {post, "/api/chat/{id}/read", signed_in, read_chat, Rate::by_access, http::buffered_body(4096)},
    {post, "/api/chat/{id}/unread", signed_in, unread_chat, Rate::by_access,
     http::buffered_body(4096)},
    {get, "/api/unread-counts", signed_in, list_unread_counts},
    {get, "/api/chat/{id}/messages/{message_id}/receipts", signed_in, list_receipts},
    {get, "/api/users/preferences", signed_in, get_preferences},
    {put, "/api/users/preferences", signed_in, set_preferences, Rate::by_access,
     http::buffered_body(4096)},
    {get, "/api/chat/{id}/preferences", signed_in, get_chat_preferences},
    {put, "/api/chat/{id}/preferences", signed_in, set_chat_preferences, Rate::by_access,
     http::buffered_body(4096)},
    {get, "/api/chat/{id}/draft", signed_in, get_draft},
    {put, "/api/chat/{id}/draft", signed_in, put_draft},
    {delete_, "/api/chat/{id}/draft", signed_in, delete_draft},
    {get, "/api/drafts", signed_in, list_drafts},
    {post, "/api/chat/{id}/scheduled", signed_in, schedule_message},
    {get, "/api/scheduled", signed_in, list_scheduled},
    {patch, "/api/scheduled/{id}", signed_in, change_scheduled},
    {delete_, "/api/scheduled/{id}", signed_in, cancel_scheduled},

    {post, "/api/presence", signed_in, set_presence, Rate::by_access, http::buffered_body(4096)},
    {post, "/api/chat/{id}/typing", signed_in, set_typing, Rate::by_access,
     http::buffered_body(4096)},

    {post, "/api/upload", signed_in, upload_files, Rate::by_access, http::streamed_body(0)},
    {post, "/api/files/single", signed_in, upload_file, Rate::by_access, http::streamed_body(0)},
    {post, "/api/files/urls", signed_in, sign_file_urls},
    {get, "/api/files/{id}", signed_in, get_file},
    {post, "/api/files/resumable", signed_in, create_resumable, Rate::by_access, http::no_body},
    {options, "/api/files/resumable", anyone, describe_resumables},
    {head, "/api/files/resumable/{upload_id}", signed_in, get_resumable},
    {patch, "/api/files/resumable/{upload_id}", signed_in, append_to_resumable, Rate::by_access,
     http::streamed_body(0)},
    {post, "/api/files/resumable/{upload_id}", signed_in, override_resumable, Rate::by_access,
     http::streamed_body(0)},
    {delete_, "/api/files/resumable/{upload_id}", signed_in, remove_resumable},
    {options, "/api/files/resumable/{upload_id}", anyone, describe_resumables},
    {get, "/files/{workspace}/{aaa}/{bbb}/{file}", linked, download_file},

    {get, "/api/search/messages", signed_in, search_messages, Rate::search},
    {post, "/api/search/messages", signed_in, search_messages, Rate::search},
    {get, "/api/chat/{id}/messages/search", signed_in, search_chat_messages, Rate::search},

    {get, "/health", anyone, health, Rate::never},
    {get, "/health/simple", anyone, health_simple, Rate::never},
    {get, "/", anyone, get_start_page, Rate::pages},
    {get, "/assets/{file}", anyone, get_web_asset, Rate::pages},
    {get, "/client-config.json", anyone, get_client_config, Rate::pages},
    {get, "/{page}", anyone, get_web_page, Rate::pages},  // and below: paths that no route has
    {get, "/openapi.json", anyone, get_api_description},
    {get, "/docs", anyone, get_docs_page},
    {get, "/docs/", anyone, go_to_docs},
    {get, "/docs/{file}", anyone, get_docs_file},
};

awaitable<http::Response> deprecated(awaitable<http::Response> answering) {
  auto response = co_await std::move(answering);
  response.with_header("Deprecation", "true");
  co_return response;
}

// Uploads are as large as the settings say.
http::BodyPolicy body_policy_of(const RouteRow& row, const FileSettings& settings) {
  if (row.handler == upload_files)
    return http::streamed_body(upload_bytes_max(settings, upload_files_max));
  if (row.handler == upload_file) return http::streamed_body(upload_bytes_max(settings, 1));
  if (row.handler == append_to_resumable || row.handler == override_resumable) {
    return http::streamed_body(settings.resumable_bytes_max);
  }
  return row.body;
}

bool is_of_tus(const RouteRow& row) {
  return std::string_view{row.path}.starts_with("/api/files/resumable");
}

http::Route bound(const RouteRow& row, App& app) {
  auto handler = [&app, handle = row.handler](const http::Request& request) {
    return handle(request, app);
  };
  http::Route route{row.method,         row.path, row.access,
                    std::move(handler), row.rate, body_policy_of(row, app.settings().files)};
  if (is_of_tus(row)) route.headers = tus_answer_headers();
  if (row.access == linked) {
    route.identify = [&app](const http::Request& request) { return app.find_file_reader(request); };
  }
  if (row.handler == get_web_page) {
    route.fallback_for = [&app](const http::Request& request) { return app.web().serves(request); };
  }
  return route;
}

http::Route bound_alias(const RouteRow& row, App& app) {
  auto handler = [&app, handle = row.handler](const http::Request& request) {
    return deprecated(handle(request, app));
  };
  return {row.method, row.path, row.access, std::move(handler), row.rate, row.body};
}

// Not in the table: by default it is on the listener for operators alone.
http::Route metrics_route(App& app) {
  const auto is_internal = [&app](const http::Request& request) {
    return app.edge().is_internal(request);
  };
  return http::metrics_route(app.metrics(), is_internal);
}

bool is_documentation(const RouteRow& row) {
  return row.handler == get_api_description || row.handler == get_docs_page ||
         row.handler == get_docs_file || row.handler == go_to_docs;
}

}  // namespace

std::span<const RouteRow> route_table() {
  return route_rows;
}

std::vector<http::Route> make_routes(App& app) {
  std::vector<http::Route> routes;
  for (const auto& row : route_table()) {
    if (is_documentation(row) && !app.settings().docs) continue;
    routes.push_back(bound(row, app));
  }
  for (const auto& row : alias_table()) routes.push_back(bound_alias(row, app));
  if (app.settings().admin.metrics_on_main) routes.push_back(metrics_route(app));
  return routes;
}

}  // namespace fechatter::server
