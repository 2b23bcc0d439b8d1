#include "fechatter_server/file/file_cookie.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <array>

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_core/clock.hpp"

namespace fechatter::server {
namespace {

constexpr std::size_t cookie_number_bytes = 8;
constexpr std::size_t cookie_numbers = 4;
constexpr std::size_t cookie_claims_bytes = cookie_numbers * cookie_number_bytes;
constexpr std::size_t cookie_mac_bytes = 32;
constexpr std::size_t cookie_characters = 86;

std::string cookie_claims(const auth::Identity& user) {
  const std::array numbers{user.user_id.value, user.workspace_id.value, user.session_id.value,
                           static_cast<std::int64_t>(user.expires_at.time_since_epoch().count())};
  std::string bytes;
  for (const auto number : numbers) {
    for (std::size_t i = cookie_number_bytes; i-- > 0;) {
      bytes += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i));
    }
  }
  return bytes;
}

std::int64_t cookie_number(std::string_view claims, std::size_t index) {
  std::uint64_t number = 0;
  for (const char c : claims.substr(index * cookie_number_bytes, cookie_number_bytes)) {
    number = number << 8 | static_cast<std::uint8_t>(c);
  }
  return static_cast<std::int64_t>(number);
}

std::string cookie_mac(const std::string& secret, std::string_view claims) {
  const auto mac = auth::hmac_sha256(secret, claims);
  return {mac.begin(), mac.end()};
}

void set_cookie(http::Response& response, std::string_view token, std::chrono::seconds life) {
  response.with_header("Set-Cookie",
                       fmt::format("{}={}; HttpOnly; Secure; SameSite=Lax; Path=/; Max-Age={}",
                                   file_cookie_name, token, life.count()));
}

}  // namespace

FileCookies::FileCookies(const auth::Key& private_key)
    : secret_{auth::derived_secret(private_key, "fechatter file cookie")} {}

std::string FileCookies::issue(const auth::Identity& user) const {
  auto token = cookie_claims(user);
  token += cookie_mac(secret_, token);
  return auth::base64url_encode(token);
}

std::optional<auth::Identity> FileCookies::find(std::string_view token) const {
  if (token.size() != cookie_characters) return std::nullopt;
  const auto bytes = auth::base64url_decode(token);
  if (!bytes || bytes->size() != cookie_claims_bytes + cookie_mac_bytes) return std::nullopt;
  const auto claims = std::string_view{*bytes}.substr(0, cookie_claims_bytes);
  const auto mac = cookie_mac(secret_, claims);
  if (CRYPTO_memcmp(mac.data(), bytes->data() + cookie_claims_bytes, cookie_mac_bytes) != 0) {
    return std::nullopt;
  }
  auth::Identity user;
  user.user_id = UserId{cookie_number(claims, 0)};
  user.workspace_id = WorkspaceId{cookie_number(claims, 1)};
  user.session_id = SessionId{cookie_number(claims, 2)};
  user.expires_at = std::chrono::sys_seconds{std::chrono::seconds{cookie_number(claims, 3)}};
  if (user.expires_at <= now()) return std::nullopt;
  return user;
}

void set_file_cookie(http::Response& response, const FileCookies& cookies,
                     const AuthTokens& tokens) {
  const auto& user = tokens.signed_in.user;
  const auth::Identity bearer{user.id,
                              user.workspace_id,
                              tokens.signed_in.session_id,
                              {},
                              {},
                              std::chrono::floor<std::chrono::seconds>(now()) + tokens.access_life};
  set_cookie(response, cookies.issue(bearer), tokens.access_life);
}

void clear_file_cookie(http::Response& response) {
  set_cookie(response, "", std::chrono::seconds{0});
}

}  // namespace fechatter::server
