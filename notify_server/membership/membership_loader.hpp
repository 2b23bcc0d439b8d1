#pragma once

#include <functional>

#include "fechatter_core/async.hpp"
#include "fechatter_core/postgres/membership_reads.hpp"
#include "notify_server/membership/membership_cache.hpp"

namespace fechatter::notify {

// Reads the chats of these users. Throws when the database cannot be read; the loader retries.
using MembershipSource =
    std::function<awaitable<std::vector<postgres::MemberRow>>(std::vector<UserId>)>;

// Fills the membership cache from the database. Users that wait together are read in one statement,
// up to 1,000 of them, and one statement runs at a time; a failed read is retried for ever. Runs on
// the shard's thread.
class MembershipLoader {
 public:
  // `on_loaded` is called after each read that succeeded.
  MembershipLoader(MembershipCache& cache, Executor executor, MembershipSource source,
                   std::function<void()> on_loaded);

  void request(CachedUser& user);
  // For the known users with connections; they stay known meanwhile.
  void reload_connected();
  // Ignores what is being read: it predates a loss. REQUIRES: the cache was invalidated.
  void discard_reads();

 private:
  awaitable<> load();
  std::vector<UserId> next_batch();
  void apply(const std::vector<UserId>& batch, const std::vector<postgres::MemberRow>& rows);

  MembershipCache& cache_;
  const Executor executor_;
  const MembershipSource source_;
  const std::function<void()> on_loaded_;
  bool loading_ = false;
  std::uint64_t generation_ = 0;  // of the reads that count
  std::vector<UserId> requested_;
};

}  // namespace fechatter::notify
