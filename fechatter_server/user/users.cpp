#include "fechatter_server/user/users.hpp"

#include "fechatter_core/error.hpp"
#include "fechatter_core/text/search_key.hpp"

namespace fechatter::server {

awaitable<std::vector<User>> Users::list(Caller caller, std::string part, UserId after,
                                         std::int64_t limit) {
  auto key = search_key(part);
  if (key.empty() && !part.empty()) co_return std::vector<User>{};
  co_return co_await repository_.list(caller.workspace, std::move(key), after, limit);
}

awaitable<User> Users::get(Caller caller, UserId user) {
  auto found = co_await repository_.find(caller.workspace, user);
  if (!found) throw Error{ErrorCode::not_found, "There is no such user."};
  co_return std::move(*found);
}

awaitable<User> Users::update_profile(Caller caller, ProfilePatch patch) {
  auto changed = co_await repository_.update_profile(caller, std::move(patch));
  if (!changed.user) throw Error{ErrorCode::user_suspended, "This account is suspended."};
  co_return std::move(*changed.user);
}

}  // namespace fechatter::server
