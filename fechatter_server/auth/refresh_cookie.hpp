#pragma once

#include <chrono>
#include <string>

#include "fechatter_core/http/response.hpp"
#include "fechatter_core/http/router.hpp"
#include "fechatter_core/service/auth_service.hpp"

// The refresh token in requests and answers. Any thread.
namespace fechatter::server {

// Browsers accept and send `__Host-…` only as set by this very host, over https (or on this
// machine), for all of its paths: no sibling host can set another one.
inline constexpr const char* refresh_cookie_name = "__Host-refresh_token";

void set_refresh_cookie(http::Response& response, const std::string& token,
                        std::chrono::seconds life);
// The browser forgets the cookie.
void clear_refresh_cookie(http::Response& response);

struct RefreshRequest {
  OfferedTokens tokens;
  bool cookie_only = false;
};

// What a refresh or sign-out brings. Throws foreign_page when the cookie is sent for a page that
// may not use it (http::is_of_foreign_page), or nothing else is: an answer to such a page must not
// clear the cookie either. Throws what Request::json_body and JsonFields throw.
RefreshRequest read_refresh_request(const http::Request& request, const http::Edge& edge);

}  // namespace fechatter::server
