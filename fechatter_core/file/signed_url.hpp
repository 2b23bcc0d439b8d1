#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/model/ids.hpp"

// URLs that open a file without a session, for a short time: the URL of a file with
// `?expires=<Unix seconds>&user=<id>&signature=<HMAC-SHA-256 in base64url>`. The signature covers
// the path, and so the workspace, the user and the time; not the session, so that a session that
// ends does not end it. Pure functions over OpenSSL; any thread.
namespace fechatter::file {

// The keys that sign, one for each day (UTC), all of one secret that the instances share
// (auth::derived_secret). A signature is good until the end of the day after it was made, or until
// it expires.
class UrlKeys {
 public:
  // Throws std::invalid_argument for a secret of less than 32 bytes.
  explicit UrlKeys(std::string secret);

  // 32 bytes.
  std::string key_at(Timestamp now) const;

 private:
  std::string secret_;
};

// What a valid signature says.
struct UrlGrant {
  UserId user;  // of the workspace in the path
  std::chrono::sys_seconds expires_at;

  friend bool operator==(const UrlGrant&, const UrlGrant&) = default;
};

// REQUIRES: `url` is one of to_url, of the user's workspace; `key` is of key_at(now).
std::string sign_url(std::string_view url, const UrlGrant& grant, std::string_view key);

// Nullopt unless the query has each of the three parameters once, as sign_url writes them, the
// signature is one of today's or yesterday's key, and `now` is before the expiry. Other parameters
// are not covered by the signature and not looked at. `path` and `query` as http::RequestTarget has
// them. Takes the same time for every wrong signature.
std::optional<UrlGrant> verify_url(std::string_view path, std::string_view query, Timestamp now,
                                   const UrlKeys& keys);

}  // namespace fechatter::file
