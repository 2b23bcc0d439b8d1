#pragma once

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/repository/user_repository.hpp"

namespace fechatter::server {

class PostgresUserRepository : public UserRepository {
 public:
  explicit PostgresUserRepository(postgres::Database& database) : database_{database} {}

  awaitable<SignedIn> sign_up(NewUser user, WorkspaceJoin join, NewRefreshToken token) override;
  awaitable<std::optional<Credentials>> find_credentials(std::string email) override;

 private:
  postgres::Database& database_;
};

}  // namespace fechatter::server
