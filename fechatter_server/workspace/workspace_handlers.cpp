#include "fechatter_server/workspace/workspace_handlers.hpp"

#include <limits>

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/json_values.hpp"
#include "fechatter_server/role_names.hpp"
#include "fechatter_server/text_fields.hpp"
#include "fechatter_server/user/user_json.hpp"
#include "fechatter_server/workspace/workspace_json.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;

WorkspaceMemberPatch read_member_patch(const Request& request) {
  http::JsonFields fields{request.json_body()};
  WorkspaceMemberPatch patch;
  if (const auto name = fields.find_text("role", {0, 16})) {
    patch.role = find_role<WorkspaceRole>(*name);
    if (!patch.role) fields.reject("role", "must be owner, admin or member");
  }
  if (const auto name = fields.find_text("status", {0, 16})) {
    patch.status = find_user_status(*name);
    if (!patch.status) fields.reject("status", "must be Active or Suspended");
  }
  fields.check();
  return patch;
}

// A body is optional, and so is the address in it.
std::optional<EmailAddress> read_invited(const Request& request) {
  if (request.body.empty()) return std::nullopt;
  http::JsonFields fields{request.json_body()};
  auto email = find_email_field(fields, "email");
  fields.check();
  return email;
}

}  // namespace

awaitable<Response> create_invitation(const Request& request, App& app) {
  auto email = read_invited(request);
  app.write_rates().charge(request.user(), Write::invitation);
  AuditedCaller by{request.user().caller(), request.id};
  const auto invitation = co_await app.workspaces().invite(std::move(by), std::move(email));
  co_return http::json_response(201, {{"id", invitation.id.value},
                                      {"token", invitation.token},
                                      {"email", or_null(invitation.email)},
                                      {"expires_at", to_rfc3339(invitation.expires_at)}});
}

awaitable<Response> list_invitations(const Request& request, App& app) {
  constexpr auto id_max = std::numeric_limits<std::int64_t>::max();
  const auto limit = request.page_limit(50, 100);
  const InvitationId after{request.query_number("after_id", 0, 0, id_max)};
  const auto invitations =
      co_await app.workspaces().list_invitations(request.user().caller(), after, limit);
  auto body = nlohmann::json::array();
  for (const auto& invitation : invitations) body.push_back(to_json(invitation));
  co_return http::json_response(200, body);
}

awaitable<Response> revoke_invitation(const Request& request, App& app) {
  const auto id = request.id_of<InvitationId>("id");
  AuditedCaller by{request.user().caller(), request.id};
  co_await app.workspaces().revoke_invitation(std::move(by), id);
  co_return http::no_content();
}

awaitable<Response> set_workspace_member(const Request& request, App& app) {
  const auto id = request.id_of<UserId>("id");
  const auto patch = read_member_patch(request);
  app.write_rates().charge(request.user(), Write::members);
  AuditedCaller by{request.user().caller(), request.id};
  const auto user = co_await app.workspaces().update_member(std::move(by), id, patch);
  co_return http::json_text_response(200, json_text(user));
}

}  // namespace fechatter::server
