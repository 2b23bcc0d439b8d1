#pragma once

#include <string>

#include "fechatter_core/model/ids.hpp"

namespace fechatter {

// The user who makes a request, within the user's workspace: the scope of every read and change.
struct Caller {
  WorkspaceId workspace;
  UserId user;
};

// A caller whose action gets a row of audit_log.
struct AuditedCaller {
  Caller caller;
  std::string request_id;  // X-Request-Id
};

}  // namespace fechatter
