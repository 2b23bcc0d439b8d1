#include "fechatter_core/file/content_hash.hpp"

#include <openssl/evp.h>

#include <stdexcept>

#include "fechatter_core/auth/encoding.hpp"

namespace fechatter::file {
namespace {

void require_hashed(int result) {
  if (result != 1) throw std::runtime_error{"a hash failed"};
}

}  // namespace

void ContentHash::ContextDeleter::operator()(EVP_MD_CTX* context) const {
  EVP_MD_CTX_free(context);
}

ContentHash::ContentHash(HashAlgorithm algorithm) : context_{EVP_MD_CTX_new()} {
  require_hashed(context_ != nullptr);
  const auto* const type = algorithm == HashAlgorithm::sha1 ? EVP_sha1() : EVP_sha256();
  require_hashed(EVP_DigestInit_ex(context_.get(), type, nullptr));
}

void ContentHash::add(std::string_view piece) {
  require_hashed(EVP_DigestUpdate(context_.get(), piece.data(), piece.size()));
}

std::string ContentHash::finish() {
  auth::Digest digest{};
  unsigned int size = 0;
  require_hashed(EVP_DigestFinal_ex(context_.get(), digest.data(), &size));
  const std::string_view bytes{reinterpret_cast<const char*>(digest.data()), size};
  return auth::to_bytea(bytes).substr(2);
}

}  // namespace fechatter::file
