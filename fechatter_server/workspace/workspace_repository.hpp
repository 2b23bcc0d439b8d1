#pragma once

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/repository/workspace_repository.hpp"

namespace fechatter::server {

class PostgresWorkspaceRepository : public WorkspaceRepository {
 public:
  explicit PostgresWorkspaceRepository(postgres::Database& database) : database_{database} {}

  awaitable<std::optional<Invitation>> create_invitation(WorkspaceId workspace, UserId inviter,
                                                         std::string token_hash,
                                                         std::chrono::seconds life) override;

 private:
  postgres::Database& database_;
};

}  // namespace fechatter::server
