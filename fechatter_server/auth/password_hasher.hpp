#pragma once

#include <optional>
#include <string>

#include "fechatter_core/worker_pool.hpp"

namespace fechatter::server {

struct PasswordSettings {
  std::size_t threads = 1;
  std::size_t queue_max = 64;        // beyond: 503
  std::uint32_t memory_kib = 19456;  // OWASP's second choice for Argon2id: 19 MiB, t=2, p=1
  std::uint32_t iterations = 2;
};

// Argon2id on threads of its own: 11 ms of a core each, never on an I/O thread, and stepping back
// for all others (nice 10). Any thread.
class PasswordHasher {
 public:
  explicit PasswordHasher(const PasswordSettings& settings);

  // In the PHC string format, with a fresh salt of 16 bytes.
  awaitable<std::string> hash(std::string password);
  // The same work whether or not there is a hash to compare with; without one it is always false.
  awaitable<bool> verify(std::string password, std::optional<std::string> hash);

 private:
  struct NoContext {};

  std::string hash_now(const std::string& password) const;

  const PasswordSettings settings_;
  const std::string nobodys_hash_;
  WorkerPool<NoContext> pool_;
};

}  // namespace fechatter::server
