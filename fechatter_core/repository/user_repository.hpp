#pragma once

#include <optional>
#include <string>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/session.hpp"

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
};

}  // namespace fechatter
