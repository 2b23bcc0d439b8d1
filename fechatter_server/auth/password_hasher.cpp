#include "fechatter_server/auth/password_hasher.hpp"

#include <argon2.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "fechatter_core/auth/encoding.hpp"

namespace fechatter::server {
namespace {

// A tenth of a core when all cores are busy: sending messages has priority over signing in.
constexpr int niceness = 10;

// That strangers never have: a known device does not wait for the end of a stranger's hash.
constexpr std::size_t known_threads = 1;

HashQueueSettings queue_settings(const PasswordSettings& settings) {
  return {settings.threads + known_threads, settings.threads, settings.queue_max,
          settings.queue_deadline};
}

}  // namespace

PasswordHasher::PasswordHasher(const PasswordSettings& settings)
    : settings_{settings},
      placeholder_hash_{hash_now(auth::random_bytes(16))},
      queue_{queue_settings(settings)},
      // Each job has a slot of the queue, so the pool's own queue stays empty.
      pool_{{settings.threads + known_threads, settings.threads + known_threads, "overloaded"}, [] {
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

awaitable<std::string> PasswordHasher::hash(std::string password, HashTurn turn) {
  const auto slot = co_await queue_.enter(std::move(turn));
  co_return co_await pool_.run(
      [&](NoContext&) { return timed([&] { return hash_now(password); }); });
}

awaitable<VerifiedPassword> PasswordHasher::verify(std::vector<std::string> forms,
                                                   std::optional<std::string> hash, HashTurn turn) {
  const auto slot = co_await queue_.enter(std::move(turn));
  co_return co_await pool_.run(
      [&](NoContext&) { return timed([&] { return verify_now(forms, hash); }); });
}

VerifiedPassword PasswordHasher::verify_now(const std::vector<std::string>& forms,
                                            const std::optional<std::string>& hash) const {
  const auto& stored = hash ? *hash : placeholder_hash_;
  const auto is_right = [&](const std::string& form) {
    return argon2id_verify(stored.c_str(), form.data(), form.size()) == ARGON2_OK;
  };
  const auto right = std::find_if(forms.begin(), forms.end(), is_right);
  VerifiedPassword verified;
  verified.right = hash.has_value() && right != forms.end();
  if (verified.right && (right != forms.begin() || has_other_parameters(stored))) {
    verified.renewed_hash = hash_now(forms.front());
  }
  return verified;
}

bool PasswordHasher::has_other_parameters(const std::string& hash) const {
  const auto ours = fmt::format("$argon2id$v={}$m={},t={},p=1$", int{ARGON2_VERSION_NUMBER},
                                settings_.memory_kib, settings_.iterations);
  return !hash.starts_with(ours);
}

}  // namespace fechatter::server
