#include "fechatter_server/auth/access_tokens.hpp"

#include "fechatter_core/error.hpp"

namespace fechatter::server {

AccessTokens::AccessTokens(const std::string& private_key, std::chrono::seconds access_life)
    : signer{auth::load_private_key(private_key)},
      verifier{auth::load_verifying_keys(private_key)},
      revoked{access_life} {}

auth::Identity AccessTokens::authenticate(std::string_view token,
                                          const auth::BeforeVerifying& before) const {
  auto identity = verifier.verify(token, before);
  require_open(identity.session_id);
  return identity;
}

void AccessTokens::require_open(SessionId session) const {
  if (revoked.contains(session)) {
    throw Error{ErrorCode::unauthenticated, "This session is over."};
  }
}

}  // namespace fechatter::server
