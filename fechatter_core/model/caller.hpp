#pragma once

#include "fechatter_core/model/ids.hpp"

namespace fechatter {

// The user who makes a request, within the user's workspace: the scope of every read and change.
struct Caller {
  WorkspaceId workspace;
  UserId user;
};

}  // namespace fechatter
