#include "fechatter_server/auth/access_tokens.hpp"

#include "fechatter_core/error.hpp"

namespace fechatter::server {

AccessTokens::AccessTokens(const std::string& private_key, std::chrono::seconds access_life)
    : signer{auth::load_private_key(private_key)},
      verifier{auth::load_private_key(private_key)},
      revoked{access_life} {}

auth::Identity AccessTokens::authenticate(std::string_view token,
                                          const auth::BeforeVerifying& before) const {
  auto identity = verifier.verify(token, before);
  if (revoked.contains(identity.session_id)) {
    throw Error{ErrorCode::unauthenticated, "This session is over."};
  }
  return identity;
}

}  // namespace fechatter::server
