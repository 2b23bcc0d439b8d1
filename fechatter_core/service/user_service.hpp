#pragma once

#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/caller.hpp"
#include "fechatter_core/model/user.hpp"

namespace fechatter {

// The users of the caller's workspace. Any I/O thread.
class UserService {
 public:
  virtual ~UserService() = default;

  // Those whose full name or e-mail address contains `part`, without regard to case, accents and
  // punctuation; all, when it is empty.
  virtual awaitable<std::vector<User>> list(Caller caller, std::string part, UserId after,
                                            std::int64_t limit) = 0;
  // Throws not_found for a user of another workspace.
  virtual awaitable<User> get(Caller caller, UserId user) = 0;
  virtual awaitable<User> update_profile(Caller caller, ProfilePatch patch) = 0;
  // Both throw not_found for a user of another workspace; block() throws invalid_fields for the
  // caller's own id, and when the caller blocks too many users.
  virtual awaitable<> block(Caller caller, UserId user) = 0;
  virtual awaitable<> unblock(Caller caller, UserId user) = 0;
};

}  // namespace fechatter
