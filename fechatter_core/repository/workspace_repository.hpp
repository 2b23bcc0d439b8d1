#pragma once

#include <optional>
#include <string>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/session.hpp"

namespace fechatter {

// As UserRepository in errors and threads.
class WorkspaceRepository {
 public:
  virtual ~WorkspaceRepository() = default;

  // Stores an invitation. Nothing when `inviter` is no active owner or admin of that workspace.
  virtual awaitable<std::optional<Invitation>> create_invitation(WorkspaceId workspace,
                                                                 UserId inviter,
                                                                 std::string token_hash,
                                                                 std::chrono::seconds life) = 0;
};

}  // namespace fechatter
