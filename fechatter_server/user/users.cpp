#include "fechatter_server/user/users.hpp"

#include "fechatter_core/error.hpp"
#include "fechatter_core/text/search_key.hpp"

namespace fechatter::server {
namespace {

Error no_such_user() {
  return Error{ErrorCode::not_found, "There is no such user."};
}

void require_done(BlockOutcome outcome) {
  switch (outcome) {
    case BlockOutcome::done: return;
    case BlockOutcome::not_found: throw no_such_user();
    case BlockOutcome::oneself: throw invalid_field("id", "is your own");
    case BlockOutcome::full:
      throw invalid_field("id", "is one too many: you block " + std::to_string(blocks_max));
  }
}

}  // namespace

awaitable<std::vector<User>> Users::list(Caller caller, std::string part, UserId after,
                                         std::int64_t limit) {
  auto key = search_key(part);
  if (key.empty() && !part.empty()) co_return std::vector<User>{};
  co_return co_await repository_.list(caller.workspace, std::move(key), after, limit);
}

awaitable<User> Users::get(Caller caller, UserId user) {
  auto found = co_await repository_.find(caller.workspace, user);
  if (!found) throw no_such_user();
  co_return std::move(*found);
}

awaitable<User> Users::update_profile(Caller caller, ProfilePatch patch) {
  auto changed = co_await repository_.update_profile(caller, std::move(patch));
  if (!changed.user) throw Error{ErrorCode::user_suspended, "This account is suspended."};
  co_return std::move(*changed.user);
}

awaitable<> Users::block(Caller caller, UserId user) {
  const auto outcome = co_await repository_.block(caller, user);
  require_done(outcome);
}

awaitable<> Users::unblock(Caller caller, UserId user) {
  const auto outcome = co_await repository_.unblock(caller, user);
  require_done(outcome);
}

}  // namespace fechatter::server
