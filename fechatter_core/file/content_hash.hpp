#pragma once

#include <memory>
#include <string>
#include <string_view>

typedef struct evp_md_ctx_st EVP_MD_CTX;

namespace fechatter::file {

// SHA-256 of content that comes in pieces; about 1 ms for a MiB, less where the processor has
// instructions for it. One thread at a time. Throws std::runtime_error when OpenSSL fails.
class ContentHash {
 public:
  ContentHash();

  void add(std::string_view piece);
  // 64 lower-case hexadecimal digits, as FileKey has them. REQUIRES: called once, after all pieces.
  std::string finish();

 private:
  struct ContextDeleter {
    void operator()(EVP_MD_CTX* context) const;
  };

  std::unique_ptr<EVP_MD_CTX, ContextDeleter> context_;
};

}  // namespace fechatter::file
