#pragma once

#include "fechatter_core/error.hpp"

// The refusals that the services of a workspace share.
namespace fechatter::server {

inline Error no_right_in_workspace() {
  return Error{ErrorCode::forbidden, "Only owners and admins of the workspace may do this."};
}

}  // namespace fechatter::server
