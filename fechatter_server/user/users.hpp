#pragma once

#include "fechatter_core/repository/user_repository.hpp"
#include "fechatter_core/service/user_service.hpp"

namespace fechatter::server {

class Users : public UserService {
 public:
  explicit Users(UserRepository& repository) : repository_{repository} {}

  awaitable<std::vector<User>> list(auth::Identity caller, std::string part, UserId after,
                                    std::int64_t limit) override;
  awaitable<User> get(auth::Identity caller, UserId user) override;
  awaitable<User> update_profile(auth::Identity caller, ProfilePatch patch) override;

 private:
  UserRepository& repository_;
};

}  // namespace fechatter::server
