#include "fechatter_core/file/content_hash.hpp"

#include <openssl/evp.h>

#include <stdexcept>

#include "fechatter_core/auth/encoding.hpp"

namespace fechatter::file {
namespace {

void require_hashed(int result) {
  if (result != 1) throw std::runtime_error{"SHA-256 failed"};
}

}  // namespace

void ContentHash::ContextDeleter::operator()(EVP_MD_CTX* context) const {
  EVP_MD_CTX_free(context);
}

ContentHash::ContentHash() : context_{EVP_MD_CTX_new()} {
  require_hashed(context_ != nullptr);
  require_hashed(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr));
}

void ContentHash::add(std::string_view piece) {
  require_hashed(EVP_DigestUpdate(context_.get(), piece.data(), piece.size()));
}

std::string ContentHash::finish() {
  auth::Digest digest{};
  require_hashed(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr));
  return auth::to_bytea(digest).substr(2);
}

}  // namespace fechatter::file
