#pragma once

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/workspace_records.hpp"
#include "fechatter_core/postgres/database.hpp"

namespace fechatter::server {

// Whether the caller may rule the sessions of a user: the owner of the workspace those of all
// users, an admin its own and those of members.
enum class RuleOutcome { done, forbidden, not_found };

struct ListedSessions {
  RuleOutcome outcome = RuleOutcome::forbidden;
  OpenSessionPage page;
};

struct EndedSessions {
  RuleOutcome outcome = RuleOutcome::forbidden;
  std::vector<SessionId> ended;
};

// What owners and admins read and end in their workspace; nullopt and `forbidden` are for all
// others. Any thread; throws what Database::run throws.
class PostgresAdministrationRepository {
 public:
  // `slow` has the statements that may read a whole workspace; both outlive this object.
  PostgresAdministrationRepository(postgres::Database& database, postgres::Database& slow)
      : database_{database}, slow_{slow} {}

  awaitable<std::optional<AuditPage>> list_audit(Caller caller, AuditQuery query);
  awaitable<ListedSessions> list_sessions(Caller caller, UserId user, SessionId before,
                                          std::int64_t limit);
  // One session, or all open ones (nullopt), with a row of audit_log when there was any. not_found:
  // no such user, or no such open session.
  awaitable<EndedSessions> end_sessions(AuditedCaller by, UserId user,
                                        std::optional<SessionId> session);
  // Throws overloaded when the statement's time is over.
  awaitable<std::optional<WorkspaceUsage>> usage(Caller caller);

 private:
  postgres::Database& database_;
  postgres::Database& slow_;
};

}  // namespace fechatter::server
