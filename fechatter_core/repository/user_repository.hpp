#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/account.hpp"

namespace fechatter {

// What is stored of somebody who signs in.
struct Credentials {
  User user;
  std::string password_hash;
};

// How people come into a workspace that exists already.
enum class WorkspaceJoin { open, invitation };

// The first refresh token of a session. The token itself is never stored.
struct NewRefreshToken {
  std::string hash;  // SHA-256, as bytea text
  std::chrono::seconds life{0};
  std::chrono::seconds session_life{0};
};

struct NewUser {
  std::string fullname;
  std::string email;
  std::string password_hash;
  std::string workspace;
  std::optional<std::string> invitation_hash;  // SHA-256, as bytea text
};

// Every method is one atomic state change in one round trip; implementations are safe from any I/O
// thread and throw Error{database_unavailable} or Error{overloaded} beside what is named here.
class UserRepository {
 public:
  virtual ~UserRepository() = default;

  // Makes the user, the workspace when there is none of that name (the user is its owner then), and
  // the first session. Throws email_taken, invitation_required, or invalid_fields for a bad
  // invitation.
  virtual awaitable<SignedIn> sign_up(NewUser user, WorkspaceJoin join, NewRefreshToken token) = 0;

  virtual awaitable<std::optional<Credentials>> find_credentials(std::string email) = 0;
  virtual awaitable<std::optional<Credentials>> find_credentials(UserId user) = 0;

  // People of a workspace whose name or e-mail has `part` in it (all when empty, case does not
  // count), in the order of their ids, beginning after `after`.
  virtual awaitable<std::vector<User>> list(WorkspaceId workspace, std::string part, UserId after,
                                            std::int64_t limit) = 0;
  virtual awaitable<std::optional<User>> find(WorkspaceId workspace, UserId user) = 0;

  // Tells whoever shares a chat with them. Nothing for who is suspended.
  virtual awaitable<std::optional<User>> update_profile(WorkspaceId workspace, UserId user,
                                                        ProfilePatch patch) = 0;

  // Replaces a password that still is `old_hash`, and ends all sessions of the user but `keep`:
  // these. Nothing when the password is another one by now.
  virtual awaitable<std::optional<std::vector<SessionId>>> change_password(UserId user,
                                                                           std::string old_hash,
                                                                           std::string new_hash,
                                                                           SessionId keep) = 0;
};

}  // namespace fechatter
