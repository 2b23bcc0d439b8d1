#pragma once

#include <functional>

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/repository/user_repository.hpp"

namespace fechatter::server {

class PostgresUserRepository : public UserRepository {
 public:
  // `committed` is called after each change that has an event, on the caller's thread.
  PostgresUserRepository(postgres::Database& database, std::function<void()> committed)
      : database_{database}, committed_{std::move(committed)} {}

  awaitable<SignedIn> sign_up(NewUser user, WorkspaceJoin join, NewRefreshToken token) override;
  awaitable<std::optional<Credentials>> find_credentials(std::string email) override;
  awaitable<std::optional<Credentials>> find_credentials(UserId user) override;
  awaitable<std::vector<User>> list(WorkspaceId workspace, std::string part, UserId after,
                                    std::int64_t limit) override;
  awaitable<std::optional<User>> find(WorkspaceId workspace, UserId user) override;
  awaitable<std::optional<User>> update_profile(WorkspaceId workspace, UserId user,
                                                ProfilePatch patch) override;
  awaitable<std::optional<std::vector<SessionId>>> change_password(UserId user,
                                                                   std::string old_hash,
                                                                   std::string new_hash,
                                                                   SessionId keep) override;

 private:
  postgres::Database& database_;
  const std::function<void()> committed_;
};

}  // namespace fechatter::server
