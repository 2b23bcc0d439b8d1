#pragma once

#include "fechatter_core/nats/revocation_channel.hpp"
#include "fechatter_server/workspace/audit_counts.hpp"
#include "fechatter_server/workspace/postgres_administration_repository.hpp"

namespace fechatter::server {

// What owners and admins of a workspace see of it, and the ending of its users' sessions. Any I/O
// thread. Throws forbidden unless the caller is an active owner or admin of the workspace,
// not_found for a user of another one, and what the repository throws.
class Administration {
 public:
  Administration(PostgresAdministrationRepository& repository, nats::RevocationChannel& revocations,
                 AuditCounts& audit)
      : repository_{repository}, revocations_{revocations}, audit_{audit} {}

  awaitable<AuditPage> list_audit(Caller caller, AuditQuery query);
  // Of a user that the caller may rule, the caller included; an admin rules members alone. Throws
  // forbidden for others.
  awaitable<OpenSessionPage> list_sessions(Caller caller, UserId user, SessionId before,
                                           std::int64_t limit);
  // Likewise. All instances of both servers refuse the session within a second, and its streams are
  // closed. Throws not_found for a session that is not open.
  awaitable<> end_session(AuditedCaller by, UserId user, SessionId session);
  // Returns how many were open.
  awaitable<std::size_t> end_all_sessions(AuditedCaller by, UserId user);
  awaitable<WorkspaceUsage> usage(Caller caller);

 private:
  std::size_t announce(const EndedSessions& result);

  PostgresAdministrationRepository& repository_;
  nats::RevocationChannel& revocations_;
  AuditCounts& audit_;
};

}  // namespace fechatter::server
