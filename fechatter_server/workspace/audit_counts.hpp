#pragma once

#include <string_view>

#include "fechatter_core/observability/counter.hpp"

namespace fechatter::server {

// What owners and admins of a workspace have done, beyond their own chats.
enum class AuditAction {
  invitation_created,
  invitation_revoked,
  member_changed,  // role or status
  chats_taken_over,
  sessions_ended,
  count
};

constexpr std::string_view name_of(AuditAction action) {
  switch (action) {
    case AuditAction::invitation_created: return "invitation_created";
    case AuditAction::invitation_revoked: return "invitation_revoked";
    case AuditAction::member_changed: return "member_changed";
    case AuditAction::chats_taken_over: return "chats_taken_over";
    case AuditAction::sessions_ended: return "sessions_ended";
    case AuditAction::count: break;
  }
  return {};
}

using AuditCounts = observability::CounterSet<AuditAction>;

}  // namespace fechatter::server
