#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

typedef struct evp_pkey_st EVP_PKEY;

// Ed25519 (RFC 8032). fechatter_server signs with the private key; notify_server has the public one
// only.
namespace fechatter::auth {

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const;
};
using Key = std::unique_ptr<EVP_PKEY, KeyDeleter>;

inline constexpr std::size_t signature_bytes = 64;

// During a rotation (key_rotation.hpp) two keys are good; a file with more is refused.
inline constexpr std::size_t verifying_keys_max = 2;

// PEM files. They throw std::runtime_error that names the file.
Key load_private_key(const std::string& path);
// Every key of the file, private or public, in its order: what any of them has signed is good.
std::vector<Key> load_verifying_keys(const std::string& path);
// Makes a pair unless both files exist; the private key is readable by its owner only. A public key
// without its private key is refused rather than overwritten.
void make_key_pair(const std::string& private_path, const std::string& public_path);

// Any thread. Throws std::runtime_error when OpenSSL fails.
std::string sign(const Key& private_key, std::string_view bytes);
// With the public or the private key; 64 µs. Any thread.
bool is_signed(const Key& key, std::string_view bytes, std::string_view signature);
// By any of the keys.
bool is_signed(std::span<const Key> keys, std::string_view bytes, std::string_view signature);

// PEM, as in the files above.
std::string private_pem(const Key& private_key);
std::string public_pem(const Key& key);
// 16 characters of base64url that tell keys apart: of the SHA-256 of the public key.
std::string fingerprint(const Key& key);
Key new_private_key();

// 32 secret bytes that follow from the private key, others for each purpose: a secret that all
// instances share without a file of its own.
std::string derived_secret(const Key& private_key, std::string_view purpose);

// Called before a signature is verified that this process has not verified before; refuses by
// throwing. Null: never refuses.
using BeforeVerifying = std::function<void()>;

}  // namespace fechatter::auth
