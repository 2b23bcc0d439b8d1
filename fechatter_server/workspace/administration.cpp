#include "fechatter_server/workspace/administration.hpp"

#include "fechatter_server/workspace/workspace_refusals.hpp"

namespace fechatter::server {
namespace {

void require_rule(RuleOutcome outcome, const char* not_found) {
  switch (outcome) {
    case RuleOutcome::done: return;
    case RuleOutcome::forbidden:
      throw Error{ErrorCode::forbidden,
                  "Only the owner of the workspace may do this, and its admins with members."};
    case RuleOutcome::not_found: throw Error{ErrorCode::not_found, not_found};
  }
}

constexpr const char* unknown_user = "There is no such user.";

}  // namespace

awaitable<AuditPage> Administration::list_audit(Caller caller, AuditQuery query) {
  auto page = co_await repository_.list_audit(caller, std::move(query));
  if (!page) throw no_right_in_workspace();
  co_return std::move(*page);
}

awaitable<OpenSessionPage> Administration::list_sessions(Caller caller, UserId user,
                                                         SessionId before, std::int64_t limit) {
  auto listed = co_await repository_.list_sessions(caller, user, before, limit);
  require_rule(listed.outcome, unknown_user);
  co_return std::move(listed.page);
}

awaitable<> Administration::end_session(AuditedCaller by, UserId user, SessionId session) {
  const auto result = co_await repository_.end_sessions(std::move(by), user, session);
  require_rule(result.outcome, "There is no such open session.");
  announce(result);
}

awaitable<std::size_t> Administration::end_all_sessions(AuditedCaller by, UserId user) {
  const auto result = co_await repository_.end_sessions(std::move(by), user, std::nullopt);
  require_rule(result.outcome, unknown_user);
  co_return announce(result);
}

awaitable<WorkspaceUsage> Administration::usage(Caller caller) {
  auto usage = co_await repository_.usage(caller);
  if (!usage) throw no_right_in_workspace();
  co_return std::move(*usage);
}

std::size_t Administration::announce(const EndedSessions& result) {
  if (result.ended.empty()) return 0;
  audit_.add(AuditAction::sessions_ended);
  revocations_.announce(result.ended);
  return result.ended.size();
}

}  // namespace fechatter::server
