#include "fechatter_core/auth/signing_key.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <algorithm>
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

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, BioDeleter>;

struct OpensslDeleter {
  void operator()(void* bytes) const { OPENSSL_free(bytes); }
};
template <class T>
using Allocated = std::unique_ptr<T, OpensslDeleter>;

// REQUIRES: what was written is one key.
std::string text_of(const Bio& bio, int written) {
  constexpr std::size_t text_bytes_max = 1024;
  std::string text(text_bytes_max, '\0');
  const int length =
      written == 1 ? BIO_read(bio.get(), text.data(), static_cast<int>(text.size())) : 0;
  if (length <= 0) throw std::runtime_error{"OpenSSL cannot write a key"};
  text.resize(static_cast<std::size_t>(length));
  return text;
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

std::vector<Key> load_verifying_keys(const std::string& path) {
  const auto file = open_file(path, "r");
  std::vector<Key> keys;
  while (true) {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long length = 0;
    if (PEM_read(file.get(), &name, &header, &data, &length) != 1) break;
    const Allocated<char> kind{name};
    const Allocated<char> unused{header};
    const Allocated<unsigned char> bytes{data};
    const unsigned char* at = data;
    const bool is_public = std::string_view{name} == PEM_STRING_PUBLIC;
    keys.push_back(checked(
        is_public ? d2i_PUBKEY(nullptr, &at, length) : d2i_AutoPrivateKey(nullptr, &at, length),
        path));
  }
  ERR_clear_error();  // of the end of the file
  if (keys.empty()) throw std::runtime_error{path + ": is no Ed25519 key in PEM"};
  if (keys.size() > verifying_keys_max) throw std::runtime_error{path + ": has too many keys"};
  return keys;
}

Key new_private_key() {
  return checked(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), "a new key");
}

std::string private_pem(const Key& private_key) {
  const Bio bio{BIO_new(BIO_s_mem())};
  return text_of(bio, PEM_write_bio_PrivateKey(bio.get(), private_key.get(), nullptr, nullptr, 0,
                                               nullptr, nullptr));
}

std::string public_pem(const Key& key) {
  const Bio bio{BIO_new(BIO_s_mem())};
  return text_of(bio, PEM_write_bio_PUBKEY(bio.get(), key.get()));
}

std::string fingerprint(const Key& key) {
  constexpr std::size_t shown = 16;
  std::string raw(32, '\0');
  std::size_t length = raw.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(raw.data()),
                                  &length) != 1) {
    throw std::runtime_error{"the public key cannot be read"};
  }
  const auto digest = sha256(raw);
  return base64url_encode({reinterpret_cast<const char*>(digest.data()), digest.size()})
      .substr(0, shown);
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
    key = new_private_key();
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

bool is_signed(std::span<const Key> keys, std::string_view bytes, std::string_view signature) {
  return std::any_of(keys.begin(), keys.end(),
                     [&](const auto& key) { return is_signed(key, bytes, signature); });
}

}  // namespace fechatter::auth
