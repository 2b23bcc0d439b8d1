#include "fechatter_server/user/users.hpp"

#include "fechatter_core/error.hpp"

namespace fechatter::server {

awaitable<std::vector<User>> Users::list(auth::Identity caller, std::string part, UserId after,
                                         std::int64_t limit) {
  return repository_.list(caller.workspace_id, std::move(part), after, limit);
}

awaitable<User> Users::get(auth::Identity caller, UserId user) {
  auto found = co_await repository_.find(caller.workspace_id, user);
  if (!found) throw Error{ErrorCode::not_found, "There is no such user."};
  co_return std::move(*found);
}

awaitable<User> Users::update_profile(auth::Identity caller, ProfilePatch patch) {
  auto updated =
      co_await repository_.update_profile(caller.workspace_id, caller.user_id, std::move(patch));
  if (!updated) throw Error{ErrorCode::user_suspended, "This account is suspended."};
  co_return std::move(*updated);
}

}  // namespace fechatter::server
