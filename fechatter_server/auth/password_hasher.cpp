#include "fechatter_server/auth/password_hasher.hpp"

#include <argon2.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <stdexcept>

#include "fechatter_core/auth/encoding.hpp"

namespace fechatter::server {
namespace {

// A tenth of a core when all cores are busy: sending messages has priority over signing in.
constexpr int niceness = 10;

}  // namespace

PasswordHasher::PasswordHasher(const PasswordSettings& settings)
    : settings_{settings},
      placeholder_hash_{hash_now(auth::random_bytes(16))},
      pool_{{settings.threads, settings.queue_max, "Too many people sign in at this moment."}, [] {
              // On Linux the calling thread's own; never refused.
              [[maybe_unused]] const int now = nice(niceness);
              return NoContext{};
            }} {}

std::string PasswordHasher::hash_now(const std::string& password) const {
  const auto salt = auth::random_bytes(16);
  std::array<char, 256> encoded{};
  const auto result = argon2id_hash_encoded(settings_.iterations, settings_.memory_kib, 1,
                                            password.data(), password.size(), salt.data(),
                                            salt.size(), 32, encoded.data(), encoded.size());
  if (result != ARGON2_OK) throw std::runtime_error{argon2_error_message(result)};
  return encoded.data();
}

awaitable<std::string> PasswordHasher::hash(std::string password) {
  co_return co_await pool_.run([&](NoContext&) { return hash_now(password); });
}

awaitable<bool> PasswordHasher::verify(std::string password, std::optional<std::string> hash) {
  co_return co_await pool_.run([&](NoContext&) {
    const auto& stored = hash ? *hash : placeholder_hash_;
    const bool equal =
        argon2id_verify(stored.c_str(), password.data(), password.size()) == ARGON2_OK;
    return equal && hash.has_value();
  });
}

}  // namespace fechatter::server
