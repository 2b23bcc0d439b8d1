#pragma once

#include <string>

// Opaque secrets: refresh tokens, invitations, tickets.
namespace fechatter::auth {

inline constexpr std::size_t token_bytes = 32;
inline constexpr std::size_t token_length = 43;  // of 32 bytes in base64url

// 256 random bits in base64url. Only its hash is stored.
std::string new_token();
// SHA-256, as bytea text.
std::string hash_of(const std::string& token);

}  // namespace fechatter::auth
