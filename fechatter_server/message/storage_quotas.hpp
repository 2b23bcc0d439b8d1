#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_set>

#include "fechatter_core/adaptive_batch.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/repository/message_repository.hpp"

namespace fechatter::server {

struct QuotaSettings {
  std::int64_t user_mib = 4096;  // 0: none
  std::int64_t workspace_mib = 65'536;
  std::chrono::seconds count_interval{10};
};

// Which users and workspaces have used up their storage. Counted in the background, a hundred users
// at a time for a tenth of the time at most, so that sending costs no statement: with 10,000 users
// a quota is noticed some 20 s after it is used up, with 100,000 within a minute or two. Memory:
// only what is used up. Any thread.
class StorageQuotas {
 public:
  StorageQuotas(const QuotaSettings& settings, postgres::Database& database);

  std::optional<UsedUp> find_used_up(Caller caller) const;

  // Counts for ever; ends with its executor. Spawn it detached.
  awaitable<> run();
  // Counts all users once. Throws what Database::run throws.
  awaitable<> count();

 private:
  struct Exceeded {
    std::unordered_set<UserId> users;
    std::unordered_set<WorkspaceId> workspaces;
  };
  struct Stored {
    WorkspaceId workspace;
    UserId user;
    std::int64_t bytes = 0;
  };

  awaitable<std::vector<Stored>> read_after(Stored last);
  void publish(Exceeded exceeded);

  const QuotaSettings settings_;
  postgres::Database& database_;
  AdaptiveBatch slice_;
  std::atomic<bool> any_ = false;  // the usual case takes no lock
  mutable std::mutex mutex_;
  std::shared_ptr<const Exceeded> exceeded_;
};

}  // namespace fechatter::server
