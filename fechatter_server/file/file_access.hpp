#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/file/signed_url.hpp"
#include "fechatter_core/http/request.hpp"
#include "fechatter_server/file/file_cookie.hpp"

namespace fechatter::server {

struct SignedFileUrl {
  std::string url;
  std::string signed_url;
  std::chrono::sys_seconds expires_at;
};

// How a request for a file shows its caller without an access token: by the cookie, or by a signed
// URL. Both prove a user; whether the user may see the file is looked at all the same. Any thread.
class FileAccess {
 public:
  static constexpr std::chrono::minutes url_life{5};

  explicit FileAccess(const auth::Key& private_key);

  const FileCookies& cookies() const { return cookies_; }
  // REQUIRES: `url` is of a file of the user's workspace.
  SignedFileUrl sign(UserId user, std::string url) const;
  // The user that the signature or the cookie names; with the cookie, also the session, which may
  // be over. Nullopt when there is neither. Throws unauthenticated when the signature is not, or no
  // longer, valid.
  std::optional<auth::Identity> find_reader(const http::Request& request) const;

 private:
  auth::Identity reader_of_signature(const http::Request& request) const;

  const FileCookies cookies_;
  const file::UrlKeys keys_;
};

}  // namespace fechatter::server
