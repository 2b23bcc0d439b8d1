#include "fechatter_server/file/file_access.hpp"

#include "fechatter_core/clock.hpp"
#include "fechatter_core/error.hpp"
#include "fechatter_core/file/file_url.hpp"

namespace fechatter::server {

FileAccess::FileAccess(const auth::Key& private_key)
    : cookies_{private_key}, keys_{auth::derived_secret(private_key, "fechatter file urls")} {}

SignedFileUrl FileAccess::sign(UserId user, std::string url) const {
  const auto moment = now();
  const file::UrlGrant grant{user, std::chrono::floor<std::chrono::seconds>(moment) + url_life};
  auto signed_url = file::sign_url(url, grant, keys_.key_at(moment));
  return {std::move(url), std::move(signed_url), grant.expires_at};
}

std::optional<auth::Identity> FileAccess::find_reader(const http::Request& request) const {
  if (request.find_query("signature")) return reader_of_signature(request);
  for (const auto& cookie : request.cookies(file_cookie_name)) {
    if (auto reader = cookies_.find(cookie)) return reader;
  }
  return std::nullopt;
}

auth::Identity FileAccess::reader_of_signature(const http::Request& request) const {
  // Known to this server: not among X-Ignored-Parameters.
  request.find_query("user");
  request.find_query("expires");
  const auto grant = file::verify_url(request.path, request.query, now(), keys_);
  const auto key = file::parse_file_url(request.path);
  if (!grant || !key) {
    throw Error{ErrorCode::unauthenticated, "This link is not valid any more."};
  }
  auth::Identity reader;
  reader.user_id = grant->user;
  reader.workspace_id = key->workspace;
  reader.expires_at = grant->expires_at;
  return reader;
}

}  // namespace fechatter::server
