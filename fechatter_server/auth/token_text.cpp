#include "fechatter_server/auth/token_text.hpp"

#include "fechatter_core/auth/encoding.hpp"

namespace fechatter::server {

std::string new_token() {
  return auth::base64url_encode(auth::random_bytes(token_bytes));
}

std::string hash_of(const std::string& token) {
  return auth::to_bytea(auth::sha256(token));
}

}  // namespace fechatter::server
