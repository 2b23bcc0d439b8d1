#include "fechatter_server/workspace/administration_handlers.hpp"

#include <algorithm>
#include <limits>

#include "fechatter_server/app.hpp"
#include "fechatter_server/page_budget.hpp"
#include "fechatter_server/workspace/administration_json.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;

constexpr auto any_id = std::numeric_limits<std::int64_t>::max();
constexpr const char* of_operators = "operator";
constexpr std::int64_t actor_max = 999'999'999'999'999'999;  // 18 digits, as docs/openapi has it

// A part of an action as audit_log has it: "user" or "reset_password".
bool is_action_part(std::string_view text) {
  constexpr std::size_t length_max = 40;
  return !text.empty() && text.size() <= length_max &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

bool is_action(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return is_action_part(text);
  return is_action_part(text.substr(0, dot)) && is_action_part(text.substr(dot + 1));
}

// Newest first: a page begins below its cursor, the last id of the page before.
std::int64_t read_id_cursor(const Request& request) {
  return request.query_number("cursor", any_id, 1, any_id);
}

AuditQuery read_audit_query(const Request& request) {
  AuditQuery query;
  query.limit = request.page_limit(50, 100);
  query.before = read_id_cursor(request);
  if (const auto actor = request.find_query("actor")) {
    query.by_operators = *actor == of_operators;
    if (!query.by_operators) query.actor = UserId{request.query_number("actor", 0, 1, actor_max)};
  }
  query.action = request.find_query("action");
  if (query.action && !is_action(*query.action)) {
    throw invalid_field("action", "must be the name of an action, such as user.suspend");
  }
  return query;
}

template <class Item>
Response page_response(const std::vector<Item>& items) {
  auto body = nlohmann::json::array();
  for (const auto& item : items) body.push_back(to_json(item));
  return http::json_response(200, body);
}

}  // namespace

awaitable<Response> list_audit(const Request& request, App& app) {
  auto query = read_audit_query(request);
  const auto page =
      co_await app.administration().list_audit(request.user().caller(), std::move(query));
  auto response = page_response(page.rows);
  if (page.next) response.with_header(next_cursor_header, std::to_string(*page.next));
  co_return response;
}

awaitable<Response> list_user_sessions(const Request& request, App& app) {
  const auto user = request.id_of<UserId>("id");
  const auto limit = request.page_limit(50, 100);
  const SessionId before{read_id_cursor(request)};
  const auto page =
      co_await app.administration().list_sessions(request.user().caller(), user, before, limit);
  auto response = page_response(page.rows);
  if (page.next) response.with_header(next_cursor_header, std::to_string(page.next->value));
  co_return response;
}

awaitable<Response> end_user_session(const Request& request, App& app) {
  const auto user = request.id_of<UserId>("id");
  const auto session = request.id_of<SessionId>("session_id");
  app.write_rates().charge(request.user(), Write::members);
  AuditedCaller by{request.user().caller(), request.id};
  co_await app.administration().end_session(std::move(by), user, session);
  co_return http::no_content();
}

awaitable<Response> end_all_user_sessions(const Request& request, App& app) {
  const auto user = request.id_of<UserId>("id");
  app.write_rates().charge(request.user(), Write::members);
  AuditedCaller by{request.user().caller(), request.id};
  const auto ended = co_await app.administration().end_all_sessions(std::move(by), user);
  co_return http::json_response(200, {{"sessions_ended", ended}});
}

awaitable<Response> get_workspace_usage(const Request& request, App& app) {
  const auto usage = co_await app.administration().usage(request.user().caller());
  const auto& quotas = app.settings().quotas;
  co_return http::json_response(200, to_json(usage, quotas.workspace_mib, quotas.user_mib));
}

}  // namespace fechatter::server
