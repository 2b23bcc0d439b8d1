#include "fechatter_server/auth/auth_handlers.hpp"

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_server/aliases.hpp"
#include "fechatter_server/app.hpp"
#include "fechatter_server/auth/password_clients.hpp"
#include "fechatter_server/auth/refresh_cookie.hpp"
#include "fechatter_server/auth/session_json.hpp"
#include "fechatter_server/auth/sign_up_fields.hpp"
#include "fechatter_server/file/file_cookie.hpp"
#include "fechatter_server/json_values.hpp"
#include "fechatter_server/text_fields.hpp"

namespace fechatter::server {
namespace {

using http::Request;
using http::Response;

Response with_tokens(int status, const AuthTokens& tokens, bool cookie_only, const App& app) {
  const auto life =
      std::chrono::duration_cast<std::chrono::seconds>(tokens.refresh_expires_at - now());
  auto body = to_json(tokens);
  if (cookie_only) body.erase("refresh_token");
  auto response = http::json_response(status, body);
  set_refresh_cookie(response, tokens.refresh_token, life);
  set_file_cookie(response, app.file_access().cookies(), tokens);
  return response;
}

void clear_cookies(Response& response) {
  clear_refresh_cookie(response);
  clear_file_cookie(response);
}

// A cookie that names no session is cleared, so that the browser stops sending it.
Response without_session(const Error& refusal, const Request& request) {
  auto response = http::problem_response(refusal, request.id);
  clear_cookies(response);
  return response;
}

}  // namespace

awaitable<Response> sign_up(const Request& request, App& app) {
  http::JsonFields fields{request.json_body()};
  const bool is_open = app.settings().auth.sign_up.founding == Founding::open;
  auto draft = read_sign_up(fields, is_open ? WorkspaceName::optional : WorkspaceName::required);
  const bool cookie_only = fields.flag("cookie_only", false);
  fields.check();
  auto client = password_client(request, app);
  const auto tokens = co_await app.accounts().sign_up(std::move(draft), std::move(client));
  auto response = with_tokens(201, tokens, cookie_only, app);
  set_device_cookie(response, tokens.device_token, app);
  co_return response;
}

awaitable<Response> get_invitation(const Request& request, App& app) {
  auto token = request.path_parameters.at(0).second;
  const auto offer = co_await app.accounts().find_invitation(std::move(token));
  co_return http::json_response(200, {{"workspace", or_null(offer.workspace)},
                                      {"invited_by", or_null(offer.invited_by)},
                                      {"email", or_null(offer.email)}});
}

awaitable<Response> sign_in(const Request& request, App& app) {
  http::JsonFields fields{request.json_body()};
  auto email = fields.text("email", {1, 2 * email_bytes_max});
  auto password = fields.text("password", {1, typed_password_length_max});
  const bool cookie_only = fields.flag("cookie_only", false);
  fields.check();
  auto client = password_client(request, app);
  const auto tokens =
      co_await app.accounts().sign_in(std::move(email), std::move(password), std::move(client));
  auto response = with_tokens(200, tokens, cookie_only, app);
  set_device_cookie(response, tokens.device_token, app);
  co_return response;
}

awaitable<Response> refresh(const Request& request, App& app) {
  auto asked = read_refresh_request(request, app.edge());
  std::optional<Error> refusal;
  try {
    const auto tokens = co_await app.accounts().refresh(std::move(asked.tokens));
    co_return with_tokens(200, tokens, asked.cookie_only, app);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid_refresh_token) throw;
    refusal = error;
  }
  co_return without_session(*refusal, request);
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
  auto offered = read_refresh_request(request, app.edge()).tokens;
  std::optional<Error> refusal;
  try {
    co_await app.accounts().sign_out(std::move(bearer), std::move(offered));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unauthenticated) throw;
    refusal = error;
  }
  if (refusal) {
    app.edge().charge_failure(request, request.rate_report());
    co_return without_session(*refusal, request);
  }
  auto response = http::json_response(200, {{"message", "Signed out."}});
  clear_cookies(response);
  co_return response;
}

awaitable<Response> logout_all(const Request& request, App& app) {
  co_await app.accounts().sign_out_everywhere(request.user().user_id);
  auto response = http::json_response(200, {{"message", "Signed out everywhere."}});
  clear_cookies(response);
  co_return response;
}

awaitable<Response> change_password(const Request& request, App& app) {
  http::JsonFields fields{request.json_body()};
  auto current = fields.text("current_password", {1, typed_password_length_max});
  auto replacement = new_password_field(fields, "new_password");
  fields.check();
  const auto device_token = co_await app.accounts().change_password(
      request.user(), std::move(current), std::move(replacement));
  auto response =
      http::json_text_response(200, in_older_envelope(R"({"message":"The password is changed."})"));
  set_device_cookie(response, device_token, app);
  co_return response;
}

awaitable<Response> create_event_ticket(const Request& request, App& app) {
  const auto ticket = co_await app.accounts().issue_ticket(request.user());
  co_return http::json_response(200,
                                {{"ticket", ticket.ticket}, {"expires_in", ticket.life.count()}});
}

}  // namespace fechatter::server
