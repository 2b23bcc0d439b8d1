#include "fechatter_server/auth/refresh_cookie.hpp"

#include <fmt/format.h>

#include "fechatter_core/http/json_fields.hpp"
#include "fechatter_core/http/page_origin.hpp"

namespace fechatter::server {

void set_refresh_cookie(http::Response& response, const std::string& token,
                        std::chrono::seconds life) {
  response.with_header("Set-Cookie",
                       fmt::format("{}={}; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age={}",
                                   refresh_cookie_name, token, life.count()));
}

void clear_refresh_cookie(http::Response& response) {
  set_refresh_cookie(response, "", std::chrono::seconds{0});
}

RefreshRequest read_refresh_request(const http::Request& request, const http::Edge& edge) {
  RefreshRequest read;
  auto& [cookies, others] = read.tokens;
  cookies = request.cookies(refresh_cookie_name);
  if (const auto bearer = request.bearer_token()) others.emplace_back(*bearer);
  if (!request.body.empty()) {
    http::JsonFields fields{request.json_body()};
    auto token = fields.find_text("refresh_token", {1, 512});
    read.cookie_only = fields.flag("cookie_only", false);
    fields.check();
    if (token) others.push_back(std::move(*token));
  }
  const bool rests_on_cookie = !cookies.empty() || others.empty();
  if (rests_on_cookie && http::is_of_foreign_page(request, edge.proxies, edge.cors)) {
    throw Error{ErrorCode::foreign_page, "The session's cookie is not for pages of this origin."};
  }
  return read;
}

}  // namespace fechatter::server
