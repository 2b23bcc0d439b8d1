#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fechatter_core/auth/identity.hpp"
#include "fechatter_core/auth/signing_key.hpp"
#include "fechatter_core/http/response.hpp"
#include "fechatter_core/model/account.hpp"

namespace fechatter::server {

// The cookie by which a page shows files: it opens the route that reads them and nothing else, for
// as long as the access token that was issued with it. An HMAC with a secret that follows from the
// private key, so that all instances know each other's. Any thread.
class FileCookies {
 public:
  explicit FileCookies(const auth::Key& private_key);

  // 86 characters of base64url.
  std::string issue(const auth::Identity& user) const;
  // User, workspace, session and expiry; nullopt for a text that is no token of these servers, and
  // for an expired one. Whether the session is still open, the caller finds out. 1 µs.
  std::optional<auth::Identity> find(std::string_view token) const;

 private:
  const std::string secret_;
};

inline constexpr const char* file_cookie_name = "__Host-files";

// SameSite=Lax: a link to a file that is followed from another site works, a picture in such a page
// is not shown.
void set_file_cookie(http::Response& response, const FileCookies& cookies,
                     const AuthTokens& tokens);
// The browser forgets the cookie.
void clear_file_cookie(http::Response& response);

}  // namespace fechatter::server
