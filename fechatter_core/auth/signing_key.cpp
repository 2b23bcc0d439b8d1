#include "fechatter_core/auth/signing_key.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "fechatter_core/auth/encoding.hpp"

namespace fechatter::auth {
namespace {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, ContextDeleter>;

File open_file(const std::string& path, const char* mode) {
  File file{std::fopen(path.c_str(), mode)};
  if (!file) throw std::runtime_error{path + ": " + std::strerror(errno)};
  return file;
}

Key checked(EVP_PKEY* raw, const std::string& path) {
  Key key{raw};
  if (!key || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519) {
    throw std::runtime_error{path + ": is no Ed25519 key in PEM"};
  }
  return key;
}

}  // namespace

void KeyDeleter::operator()(EVP_PKEY* key) const {
  EVP_PKEY_free(key);
}

Key load_private_key(const std::string& path) {
  const auto file = open_file(path, "r");
  return checked(PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr), path);
}

Key load_public_key(const std::string& path) {
  const auto file = open_file(path, "r");
  return checked(PEM_read_PUBKEY(file.get(), nullptr, nullptr, nullptr), path);
}

void make_key_pair(const std::string& private_path, const std::string& public_path) {
  const bool has_private = std::filesystem::exists(private_path);
  if (has_private && std::filesystem::exists(public_path)) return;
  Key key;
  if (has_private) {
    key = load_private_key(private_path);  // the public key is derived from it
  } else if (std::filesystem::exists(public_path)) {
    throw std::runtime_error{private_path + ": is missing, but " + public_path + " exists"};
  } else {
    key = checked(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), private_path);
    const auto mask = umask(0077);
    const auto file = open_file(private_path, "wx");
    umask(mask);
    if (PEM_write_PrivateKey(file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
      throw std::runtime_error{private_path + ": cannot be written"};
    }
  }
  const auto file = open_file(public_path, "wx");
  if (PEM_write_PUBKEY(file.get(), key.get()) != 1) {
    throw std::runtime_error{public_path + ": cannot be written"};
  }
}

std::string derived_secret(const Key& private_key, std::string_view purpose) {
  std::string raw(32, '\0');
  std::size_t length = raw.size();
  if (EVP_PKEY_get_raw_private_key(private_key.get(), reinterpret_cast<unsigned char*>(raw.data()),
                                   &length) != 1) {
    throw std::runtime_error{"the private key cannot be read"};
  }
  const auto secret = hmac_sha256(raw, purpose);
  return {secret.begin(), secret.end()};
}

std::string sign(const Key& private_key, std::string_view bytes) {
  std::string signature(signature_bytes, '\0');
  std::size_t length = signature.size();
  const Context context{EVP_MD_CTX_new()};
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, private_key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                     bytes_of(bytes), bytes.size()) != 1) {
    throw std::runtime_error{"signing failed"};
  }
  return signature;
}

bool is_signed(const Key& key, std::string_view bytes, std::string_view signature) {
  if (signature.size() != signature_bytes) return false;
  const Context context{EVP_MD_CTX_new()};
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(bytes),
                          bytes.size()) == 1;
}

}  // namespace fechatter::auth
