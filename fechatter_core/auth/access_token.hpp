#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_core/auth/identity.hpp"
#include "fechatter_core/auth/signing_key.hpp"
#include "fechatter_core/clock.hpp"

// Access tokens: JWT (RFC 7519) with EdDSA over Ed25519 (RFC 8037) and nothing else.
namespace fechatter::auth {

inline constexpr const char* token_issuer = "fechatter-server";
inline constexpr const char* token_audience = "fechatter-web";

// The claims of a token.
struct TokenClaims {
  Identity identity;
  std::string status;  // "Active"
  Timestamp user_created_at;
};

// Signs tokens with the private key. Immutable: any thread.
class TokenSigner {
 public:
  explicit TokenSigner(Key private_key) : key_{std::move(private_key)} {}

  // Writes the claims as ASCII JSON with > ? ~ and U+007F as \u00XX, so that the payload part
  // contains no '-' and no '_': an existing client decodes it as plain base64.
  std::string sign(const TokenClaims& claims, std::chrono::sys_seconds issued_at) const;
  const Key& key() const { return key_; }

 private:
  Key key_;
};

// Verifies tokens with the public (or private) keys, of which any may have signed. A bounded cache
// has the valid tokens by their SHA-256 until they expire: a hit costs less than 1 µs, a
// verification 64 µs. Any thread.
class TokenVerifier {
 public:
  explicit TokenVerifier(std::vector<Key> keys, std::size_t remembered_max = 50'000)
      : keys_{std::move(keys)}, remembered_max_{remembered_max} {}

  // Throws Error{unauthenticated}: malformed, forged, of another issuer or audience, not yet or no
  // longer valid. A token of the cache is not verified again.
  Identity verify(std::string_view token, const BeforeVerifying& before = nullptr) const;
  std::span<const Key> keys() const { return keys_; }

 private:
  struct DigestHash {
    std::size_t operator()(const Digest& digest) const;
  };

  Identity verify_signature(std::string_view token, const BeforeVerifying& before) const;
  void remember(const Digest& digest, const Identity& identity) const;

  std::vector<Key> keys_;
  std::size_t remembered_max_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<Digest, Identity, DigestHash> remembered_;
  mutable Timestamp next_sweep_;
};

}  // namespace fechatter::auth
