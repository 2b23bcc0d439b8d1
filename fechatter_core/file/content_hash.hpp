#pragma once

#include <memory>
#include <string>
#include <string_view>

typedef struct evp_md_ctx_st EVP_MD_CTX;

namespace fechatter::file {

enum class HashAlgorithm { sha256, sha1 };

// A hash of content that comes in pieces; SHA-256 takes about 1 ms for a MiB, less where the
// processor has instructions for it. One thread at a time. Throws std::runtime_error when OpenSSL
// fails.
class ContentHash {
 public:
  explicit ContentHash(HashAlgorithm algorithm = HashAlgorithm::sha256);

  void add(std::string_view piece);
  // Lower-case hexadecimal digits: 64 of SHA-256, as FileKey has them; 40 of SHA-1. REQUIRES:
  // called once, after all pieces.
  std::string finish();

 private:
  struct ContextDeleter {
    void operator()(EVP_MD_CTX* context) const;
  };

  std::unique_ptr<EVP_MD_CTX, ContextDeleter> context_;
};

}  // namespace fechatter::file
