#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Small pure functions over OpenSSL; any thread. They throw std::runtime_error only for failures of
// OpenSSL.
namespace fechatter::auth {

using Digest = std::array<std::uint8_t, 32>;

// The bytes as OpenSSL takes them.
inline const unsigned char* bytes_of(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Digest sha256(std::string_view bytes);
Digest hmac_sha256(std::string_view key, std::string_view bytes);
std::string random_bytes(std::size_t count);

// RFC 4648 §5, without padding.
std::string base64url_encode(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);

// A bytea as PostgreSQL reads it: \x and lower-case hex.
std::string to_bytea(std::string_view bytes);
std::string to_bytea(const Digest& digest);
// REQUIRES: `text` is a bytea as PostgreSQL writes it.
std::string from_bytea(std::string_view text);

}  // namespace fechatter::auth
