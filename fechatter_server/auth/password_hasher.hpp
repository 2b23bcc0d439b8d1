#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/observability/histogram.hpp"
#include "fechatter_core/worker_pool.hpp"
#include "fechatter_server/auth/hash_queue.hpp"

namespace fechatter::server {

struct PasswordSettings {
  std::size_t threads = 1;           // for strangers; known devices have a further one
  std::size_t queue_max = 64;        // beyond: 503
  std::uint32_t memory_kib = 19456;  // OWASP's second choice for Argon2id: 19 MiB, t=2, p=1
  std::uint32_t iterations = 2;
  std::chrono::milliseconds queue_deadline{5'000};  // beyond: 503
};

// The outcome of a comparison.
struct VerifiedPassword {
  bool right = false;
  // The hash to store in place of the one that was compared: it had other parameters than those of
  // the settings, or was that of another form of the password than the first. Empty: none.
  std::string renewed_hash;
};

// Argon2id, 11 ms of a core each, on threads of its own with a low priority (nice 10), by turns
// (HashQueue). Any thread.
class PasswordHasher {
 public:
  explicit PasswordHasher(const PasswordSettings& settings);

  // In the PHC string format, with a fresh salt of 16 bytes. Throws overloaded, as verify() does.
  awaitable<std::string> hash(std::string password, HashTurn turn);
  // The forms in which the password may have been hashed, the present one first. Without a hash:
  // false, after the same work, so that timing does not show unknown accounts.
  // REQUIRES: there is a form.
  awaitable<VerifiedPassword> verify(std::vector<std::string> forms,
                                     std::optional<std::string> hash, HashTurn turn);

  // Hashes and comparisons that wait for their turn.
  std::size_t waiting() const { return queue_.waiting(); }
  // Of both, without waiting.
  const observability::Histogram& times() const { return times_; }

 private:
  struct NoContext {};

  std::string hash_now(const std::string& password) const;
  VerifiedPassword verify_now(const std::vector<std::string>& forms,
                              const std::optional<std::string>& hash) const;
  bool has_other_parameters(const std::string& hash) const;
  template <class Work>
  auto timed(Work work) {
    const observability::Stopwatch stopwatch;
    auto result = work();
    stopwatch.observe(times_);
    return result;
  }

  const PasswordSettings settings_;
  const std::string placeholder_hash_;
  HashQueue queue_;
  observability::Histogram times_{observability::quick_seconds};
  WorkerPool<NoContext> pool_;
};

}  // namespace fechatter::server
