#include "fechatter_server/auth/auth_handlers.hpp"

#include <fmt/format.h>

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_server/aliases.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/auth/password_clients.hpp"
#include "fechatter_server/auth/session_json.hpp"
#include "fechatter_server/text_fields.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;

constexpr const char* cookie_name = "refresh_token";

std::string refresh_cookie(const std::string& token, std::chrono::seconds life) {
  return fmt::format("{}={}; HttpOnly; Secure; SameSite=Lax; Path=/api; Max-Age={}", cookie_name,
                     token, life.count());
}

Response with_tokens(int status, const AuthTokens& tokens) {
  const auto life =
      std::chrono::duration_cast<std::chrono::seconds>(tokens.refresh_expires_at - now());
  auto response = http::json_response(status, to_json(tokens));
  response.with_header("Set-Cookie", refresh_cookie(tokens.refresh_token, life));
  return response;
}

// The refresh tokens that the request offers, in the order of the contract: cookie, header, body.
std::vector<std::string> refresh_tokens_of(const Request& request) {
  std::vector<std::string> tokens;
  if (auto cookie = request.find_cookie(cookie_name)) tokens.push_back(std::move(*cookie));
  if (const auto bearer = request.bearer_token()) tokens.emplace_back(*bearer);
  if (!request.body.empty()) {
    http::JsonFields fields{request.json_body()};
    auto token = fields.find_text("refresh_token", {1, 512});
    fields.check();
    if (token) tokens.push_back(std::move(*token));
  }
  return tokens;
}

}  // namespace

awaitable<Response> sign_up(const Request& request, App& app) {
  http::JsonFields fields{request.json_body()};
  accept_older_names(fields);
  SignUpDraft draft;
  draft.fullname = name_field(fields, "fullname", fullname_length_max);
  draft.email = email_field(fields, "email");
  draft.password = new_password_field(fields, "password");
  draft.workspace = name_field(fields, "workspace", workspace_name_length_max);
  draft.invitation = fields.find_text("invitation", {1, 128});
  fields.check();
  auto client = password_client(request, app);
  const auto tokens = co_await app.accounts().sign_up(std::move(draft), std::move(client));
  auto response = with_tokens(201, tokens);
  set_device_cookie(response, tokens.device_token, app);
  co_return response;
}

awaitable<Response> sign_in(const Request& request, App& app) {
  http::JsonFields fields{request.json_body()};
  auto email = fields.text("email", {1, 2 * email_bytes_max});
  auto password = fields.text("password", {1, typed_password_length_max});
  fields.check();
  auto client = password_client(request, app);
  const auto tokens =
      co_await app.accounts().sign_in(std::move(email), std::move(password), std::move(client));
  auto response = with_tokens(200, tokens);
  set_device_cookie(response, tokens.device_token, app);
  co_return response;
}

awaitable<Response> refresh(const Request& request, App& app) {
  auto offered = refresh_tokens_of(request);
  std::optional<Error> refusal;
  try {
    const auto tokens = co_await app.accounts().refresh(std::move(offered));
    co_return with_tokens(200, tokens);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid_refresh_token) throw;
    refusal = error;
  }
  // An invalid cookie is cleared, so that the browser stops sending it.
  auto response = http::problem_response(*refusal, request.id);
  response.with_header("Set-Cookie", refresh_cookie("", std::chrono::seconds{0}));
  co_return response;
}

awaitable<Response> logout(const Request& request, App& app) {
  std::optional<auth::Identity> bearer;
  if (const auto token = request.bearer_token()) {
    try {
      bearer = app.authenticate(*token);
    } catch (const Error&) {
      // No access token; it may be the refresh token.
    }
  }
  auto offered = refresh_tokens_of(request);
  co_await app.accounts().sign_out(std::move(bearer), std::move(offered));
  auto response = http::json_response(200, {{"message", "Signed out."}});
  response.with_header("Set-Cookie", refresh_cookie("", std::chrono::seconds{0}));
  co_return response;
}

awaitable<Response> logout_all(const Request& request, App& app) {
  co_await app.accounts().sign_out_everywhere(request.user().user_id);
  auto response = http::json_response(200, {{"message", "Signed out everywhere."}});
  response.with_header("Set-Cookie", refresh_cookie("", std::chrono::seconds{0}));
  co_return response;
}

awaitable<Response> change_password(const Request& request, App& app) {
  http::JsonFields fields{request.json_body()};
  auto current = fields.text("current_password", {1, typed_password_length_max});
  auto replacement = new_password_field(fields, "new_password");
  fields.check();
  const auto device_token = co_await app.accounts().change_password(
      request.user(), std::move(current), std::move(replacement));
  auto response = http::json_response(200, {{"message", "The password is changed."}});
  set_device_cookie(response, device_token, app);
  co_return response;
}

awaitable<Response> create_event_ticket(const Request& request, App& app) {
  const auto ticket = co_await app.accounts().issue_ticket(request.user());
  co_return http::json_response(200,
                                {{"ticket", ticket.ticket}, {"expires_in", ticket.life.count()}});
}

}  // namespace fechatter::server
