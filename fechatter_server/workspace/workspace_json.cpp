#include "fechatter_server/workspace/workspace_json.hpp"

#include "fechatter_server/json_values.hpp"

namespace fechatter::server {

nlohmann::json to_json(const Workspace& workspace) {
  return {{"id", workspace.id.value},
          {"name", workspace.name},
          {"owner_id", workspace.owner_id.value},
          {"created_at", to_rfc3339(workspace.created_at)}};
}

nlohmann::json to_json(const Invitation& invitation) {
  return {{"id", invitation.id.value},
          {"created_by", invitation.created_by.value},
          {"email", or_null(invitation.email)},
          {"created_at", to_rfc3339(invitation.created_at)},
          {"expires_at", to_rfc3339(invitation.expires_at)},
          {"revoked_at", or_null(invitation.revoked_at)},
          {"accepted_at", or_null(invitation.accepted_at)},
          {"accepted_by", or_null(invitation.accepted_by)}};
}

}  // namespace fechatter::server
