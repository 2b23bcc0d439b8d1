#pragma once

#include "fechatter_core/auth/access_token.hpp"
#include "fechatter_core/auth/revoked_sessions.hpp"

namespace fechatter::server {

// The access tokens of this server: their keys, and the sessions whose tokens are revoked. Any
// thread.
struct AccessTokens {
  // Throws std::runtime_error that names the key's file.
  AccessTokens(const std::string& private_key, std::chrono::seconds access_life);

  // The identity that the token proves. Throws unauthenticated, and what `before` throws.
  auth::Identity authenticate(std::string_view token, const auth::BeforeVerifying& before) const;

  // Throws unauthenticated when the session is over.
  void require_open(SessionId session) const;

  auth::TokenSigner signer;
  auth::TokenVerifier verifier;
  auth::RevokedSessions revoked;
};

}  // namespace fechatter::server
