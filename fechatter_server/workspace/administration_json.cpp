#include "fechatter_server/workspace/administration_json.hpp"

#include "fechatter_server/json_values.hpp"
#include "fechatter_server/role_names.hpp"

namespace fechatter::server {
namespace {

nlohmann::json by_role(const WorkspaceUsage::ByRole& counts) {
  auto object = nlohmann::json::object();
  for (const auto role : {WorkspaceRole::owner, WorkspaceRole::admin, WorkspaceRole::member}) {
    object[role_name(role)] = counts.at(static_cast<std::size_t>(role));
  }
  return object;
}

nlohmann::json quota_or_null(std::int64_t mib) {
  constexpr std::int64_t bytes_of_a_mib = 1024 * 1024;
  return mib > 0 ? nlohmann::json(mib * bytes_of_a_mib) : nlohmann::json{};
}

}  // namespace

nlohmann::json to_json(const AuditRow& row) {
  return {{"id", row.id},
          {"at", to_rfc3339(row.at)},
          {"actor", row.actor},
          {"actor_id", or_null(row.actor_id)},
          {"action", row.action},
          {"target", row.target},
          {"request_id", or_null(row.request_id)}};
}

nlohmann::json to_json(const OpenSession& session) {
  return {{"id", session.id.value},
          {"created_at", to_rfc3339(session.created_at)},
          {"refreshed_at", or_null(session.refreshed_at)},
          {"expires_at", to_rfc3339(session.expires_at)}};
}

nlohmann::json to_json(const WorkspaceUsage& usage, std::int64_t quota_mib,
                       std::int64_t user_quota_mib) {
  return {{"id", usage.id.value},
          {"name", usage.name},
          {"created_at", to_rfc3339(usage.created_at)},
          {"users_active", by_role(usage.active)},
          {"users_suspended", by_role(usage.suspended)},
          {"chats", usage.chats},
          {"messages", usage.messages},
          {"message_bytes", usage.message_bytes},
          {"file_bytes", usage.file_bytes},
          {"stored_bytes", usage.stored_bytes},
          {"quota_bytes", quota_or_null(quota_mib)},
          {"user_quota_bytes", quota_or_null(user_quota_mib)}};
}

}  // namespace fechatter::server
