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

// Argon2id, 11 ms of a core each, on threads of its own with a low priority (nice 10). Any thread.
class PasswordHasher {
 public:
  explicit PasswordHasher(const PasswordSettings& settings);

  // In the PHC string format, with a fresh salt of 16 bytes.
  awaitable<std::string> hash(std::string password);
  // Without a hash: false, after the same work, so that timing does not show unknown accounts.
  awaitable<bool> verify(std::string password, std::optional<std::string> hash);

 private:
  struct NoContext {};

  std::string hash_now(const std::string& password) const;

  const PasswordSettings settings_;
  const std::string placeholder_hash_;
  WorkerPool<NoContext> pool_;
};

}  // namespace fechatter::server
