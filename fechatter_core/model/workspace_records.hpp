#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/model/ids.hpp"
#include "fechatter_core/model/user.hpp"

// What owners and admins of a workspace see of it (docs/administration.md).
namespace fechatter {

// A row of audit_log, without the account of an operator on the machine.
struct AuditRow {
  std::int64_t id = 0;
  Timestamp at;
  std::string actor;               // "user 7" or "operator"
  std::optional<UserId> actor_id;  // nullopt: an operator
  std::string action;              // "user.suspend"
  std::string target;              // "user 8"
  std::optional<std::string> request_id;
};

// Which rows, and where a page begins.
struct AuditQuery {
  std::optional<UserId> actor;
  bool by_operators = false;          // theirs alone
  std::optional<std::string> action;  // nullopt: any
  std::int64_t before = 0;            // rows with smaller ids
  std::int64_t limit = 0;
};

// Rows before another one, the newest first.
template <class Row, class Id>
struct PageBefore {
  std::vector<Row> rows;
  std::optional<Id> next;  // `before` of the next page; nullopt: this is the last one
};

using AuditPage = PageBefore<AuditRow, std::int64_t>;

// A session of a user that is not over. No address is stored.
struct OpenSession {
  SessionId id;
  Timestamp created_at;
  Timestamp expires_at;
  std::optional<Timestamp> refreshed_at;  // its last use, as far as it is known
};

using OpenSessionPage = PageBefore<OpenSession, SessionId>;

// What a workspace has. Bytes of messages are those of chats that are not deleted; stored_bytes is
// what counts for the quota.
struct WorkspaceUsage {
  using ByRole = std::array<std::int64_t, 3>;  // in the order of WorkspaceRole

  WorkspaceId id;
  std::string name;
  Timestamp created_at;
  ByRole active{};
  ByRole suspended{};
  std::int64_t chats = 0;
  std::int64_t messages = 0;  // numbers that were given, deleted messages included
  std::int64_t message_bytes = 0;
  std::int64_t file_bytes = 0;
  std::int64_t stored_bytes = 0;
};

}  // namespace fechatter
