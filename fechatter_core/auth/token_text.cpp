#include "fechatter_core/auth/token_text.hpp"

#include "fechatter_core/auth/encoding.hpp"

namespace fechatter::auth {

std::string new_token() {
  return base64url_encode(random_bytes(token_bytes));
}

std::string hash_of(const std::string& token) {
  return to_bytea(sha256(token));
}

}  // namespace fechatter::auth
