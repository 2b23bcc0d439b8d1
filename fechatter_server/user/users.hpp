#pragma once

#include "fechatter_core/service/user_service.hpp"
#include "fechatter_server/user/postgres_user_repository.hpp"

namespace fechatter::server {

// Contract, threads and errors: UserService.
class Users final : public UserService {
 public:
  explicit Users(PostgresUserRepository& repository) : repository_{repository} {}

  awaitable<std::vector<User>> list(Caller caller, std::string part, UserId after,
                                    std::int64_t limit) override;
  awaitable<User> get(Caller caller, UserId user) override;
  awaitable<User> update_profile(Caller caller, ProfilePatch patch) override;
  awaitable<> block(Caller caller, UserId user) override;
  awaitable<> unblock(Caller caller, UserId user) override;

 private:
  PostgresUserRepository& repository_;
};

}  // namespace fechatter::server
