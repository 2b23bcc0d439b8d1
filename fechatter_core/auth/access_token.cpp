#include "fechatter_core/auth/access_token.hpp"

#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>

#include "fechatter_core/error.hpp"
#include "fechatter_core/whole_number.hpp"

namespace fechatter::auth {
namespace {

using nlohmann::json;

constexpr std::size_t token_bytes_max = 8 * 1024;
constexpr std::int64_t seconds_max = 253'402'300'799;  // the end of the year 9999

std::string ascii_json(const json& claims) {
  std::string text;
  for (const char c : claims.dump(-1, ' ', true)) {
    switch (c) {
      case '>': text += "\\u003e"; break;
      case '?': text += "\\u003f"; break;
      case '~': text += "\\u007e"; break;
      case '\x7f': text += "\\u007f"; break;
      default: text += c;
    }
  }
  return text;
}

Error refused() {
  return Error{ErrorCode::unauthenticated, "The access token is not valid."};
}

std::int64_t require_positive(const json& value) {
  const auto number = find_whole_number(value);
  if (!number || *number <= 0) throw refused();
  return *number;
}

std::int64_t to_id(const std::string& text) {
  std::int64_t id = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || rest != text.data() + text.size() || id <= 0) throw refused();
  return id;
}

// Within the range of the clock, so that it can be compared with now().
std::chrono::sys_seconds to_moment(const json& value) {
  const auto seconds = require_positive(value);
  if (seconds > seconds_max) throw refused();
  return std::chrono::sys_seconds{std::chrono::seconds{seconds}};
}

Identity identity_of(const json& claims) {
  if (claims.at("iss") != token_issuer || claims.at("aud") != token_audience) throw refused();
  const auto& user = claims.at("user");
  Identity identity{UserId{to_id(claims.at("sub").get<std::string>())},
                    WorkspaceId{require_positive(user.at("workspace_id"))},
                    SessionId{to_id(claims.at("sid").get<std::string>())},
                    user.at("fullname").get<std::string>(),
                    user.at("email").get<std::string>(),
                    to_moment(claims.at("exp"))};
  // Tolerates a signer whose clock is up to a minute ahead.
  if (to_moment(claims.at("iat")) > now() + std::chrono::minutes{1}) throw refused();
  return identity;
}

}  // namespace

std::string TokenSigner::sign(const TokenClaims& claims, std::chrono::sys_seconds issued_at) const {
  const auto& identity = claims.identity;
  const json payload{{"iss", token_issuer},
                     {"aud", token_audience},
                     {"sub", std::to_string(identity.user_id.value)},
                     {"iat", issued_at.time_since_epoch().count()},
                     {"exp", identity.expires_at.time_since_epoch().count()},
                     {"sid", std::to_string(identity.session_id.value)},
                     {"user",
                      {{"id", identity.user_id.value},
                       {"workspace_id", identity.workspace_id.value},
                       {"fullname", identity.fullname},
                       {"email", identity.email},
                       {"status", claims.status},
                       {"created_at", to_rfc3339(claims.user_created_at)}}}};
  std::string token = base64url_encode(R"({"alg":"EdDSA","typ":"JWT"})");
  token += '.';
  token += base64url_encode(ascii_json(payload));
  return token + "." + base64url_encode(auth::sign(key_, token));
}

std::size_t TokenVerifier::DigestHash::operator()(const Digest& digest) const {
  std::size_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof(hash));
  return hash;
}

Identity TokenVerifier::verify(std::string_view token, const BeforeVerifying& before) const {
  if (token.size() > token_bytes_max) throw refused();
  const auto digest = sha256(token);
  std::optional<Identity> identity;
  {
    const std::lock_guard lock{mutex_};
    const auto known = remembered_.find(digest);
    if (known != remembered_.end()) identity = known->second;
  }
  const bool known = identity.has_value();
  if (!known) identity = verify_signature(token, before);
  if (identity->expires_at <= now()) {
    throw Error{ErrorCode::unauthenticated, "The access token has expired."};
  }
  if (!known) remember(digest, *identity);
  return *identity;
}

Identity TokenVerifier::verify_signature(std::string_view token,
                                         const BeforeVerifying& before) const {
  const auto first = token.find('.');
  const auto second = token.find('.', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    throw refused();
  }
  const auto header = base64url_decode(token.substr(0, first));
  const auto payload = base64url_decode(token.substr(first + 1, second - first - 1));
  const auto signature = base64url_decode(token.substr(second + 1));
  if (!header || !payload || !signature || signature->size() != signature_bytes) throw refused();
  if (before) before();
  if (!is_signed(keys_, token.substr(0, second), *signature)) throw refused();
  try {
    const auto head = json::parse(*header);
    if (head.at("alg") != "EdDSA") throw refused();
    return identity_of(json::parse(*payload));
  } catch (const json::exception&) {
    throw refused();
  }
}

void TokenVerifier::remember(const Digest& digest, const Identity& identity) const {
  const std::lock_guard lock{mutex_};
  // A full cache is swept at most once a minute, since a sweep visits all entries.
  if (const auto at = now(); remembered_.size() >= remembered_max_ && at >= next_sweep_) {
    next_sweep_ = at + std::chrono::minutes{1};
    std::erase_if(remembered_, [at](const auto& entry) { return entry.second.expires_at <= at; });
  }
  if (remembered_.size() >= remembered_max_) remembered_.erase(remembered_.begin());
  remembered_.emplace(digest, identity);
}

}  // namespace fechatter::auth
