#pragma once

#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/auth/identity.hpp"
#include "fechatter_core/model/user.hpp"

namespace fechatter {

// The people of the caller's workspace. Any I/O thread.
class UserService {
 public:
  virtual ~UserService() = default;

  virtual awaitable<std::vector<User>> list(auth::Identity caller, std::string part, UserId after,
                                            std::int64_t limit) = 0;
  // Throws not_found for who is not of the workspace.
  virtual awaitable<User> get(auth::Identity caller, UserId user) = 0;
  virtual awaitable<User> update_profile(auth::Identity caller, ProfilePatch patch) = 0;
};

}  // namespace fechatter
