#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/account.hpp"
#include "fechatter_core/model/caller.hpp"

namespace fechatter {

// What a sign-in is checked against.
struct Credentials {
  User user;
  std::string password_hash;
  std::int64_t password_version = 0;  // counts the user's changes of the password, from 1
  std::string workspace_name;
};

// Which sign-up makes a workspace: none, that with the founding token, any.
enum class Founding { closed, invitation, open };
// How users join a workspace that exists already: by its name, or with an invitation only.
enum class WorkspaceJoin { open, invitation };

struct SignUpRules {
  Founding founding = Founding::invitation;
  WorkspaceJoin join = WorkspaceJoin::invitation;
};

// The first refresh token of a session. The token itself is never stored.
struct NewRefreshToken {
  std::string hash;  // SHA-256, as bytea text
  std::chrono::seconds life{0};
  std::chrono::seconds session_life{0};
};

inline constexpr int blocks_max = 1000;  // of one user

struct NewUser {
  Name fullname;
  EmailAddress email;
  std::string password_hash;
  std::optional<Name> workspace;               // nullopt: as that of SignUpDraft
  std::optional<std::string> invitation_hash;  // SHA-256, as bytea text
};

struct ChangedProfile {
  std::optional<User> user;  // nullopt: the account is suspended, nothing changed
};

struct ChangedPassword {
  bool done = false;             // false: the password is not `old_hash` any more
  std::int64_t version = 0;      // of the new password
  std::vector<SessionId> ended;  // the user's other sessions
};

// The hash that is stored now: the new one, or that of a sign-in that was faster. Nullopt: the
// password has changed.
struct RenewedHash {
  std::optional<std::string> stored;
};

// Of blocking and unblocking: `done` also when there is nothing to change.
enum class BlockOutcome { done, not_found, oneself, full };

// For the outcome of each repository's changes: whether the change may have written an event into
// the outbox, so that the relay is to be woken.
inline bool wrote_event(const SignedIn&) {
  return false;
}
inline bool wrote_event(const ChangedProfile& changed) {
  return changed.user.has_value();
}
inline bool wrote_event(const ChangedPassword&) {
  return false;
}
inline bool wrote_event(const RenewedHash&) {
  return false;
}
inline bool wrote_event(BlockOutcome) {
  return false;
}

// The repositories: each method is one atomic change or read, in one round trip; a change commits
// together with its events. Safe from any I/O thread. Throws Error{database_unavailable} or
// Error{overloaded} in addition to the errors named at a method.
class UserRepository {
 public:
  virtual ~UserRepository() = default;

  // Creates the user, the first session, and, where the rules allow it, the workspace unless there
  // is one of that name (its owner is the user then). An invitation is used up. Throws email_taken,
  // invitation_required, or invalid_fields for an invitation that is not valid, or not for this
  // address or workspace. REQUIRES: the user names a workspace or an invitation, unless founding is
  // open: then the new workspace has the user's name, with a number where that is taken.
  virtual awaitable<SignedIn> sign_up(NewUser user, SignUpRules rules, NewRefreshToken token) = 0;
  // What an open invitation invites to, or the founding token where `founding` allows it.
  virtual awaitable<std::optional<InvitationOffer>> find_invitation(std::string token_hash,
                                                                    Founding founding) = 0;

  // By the key of the address (text/email.hpp).
  virtual awaitable<std::optional<Credentials>> find_credentials(std::string email_key) = 0;
  virtual awaitable<std::optional<Credentials>> find_credentials(UserId user) = 0;

  // The workspace's users whose full name or e-mail address contains `part`, a key of
  // text/search_key.hpp (empty: all), by id, beginning after `after`.
  virtual awaitable<std::vector<User>> list(WorkspaceId workspace, std::string part, UserId after,
                                            std::int64_t limit) = 0;
  virtual awaitable<std::optional<User>> find(WorkspaceId workspace, UserId user) = 0;

  // The event goes to every user who shares a chat with the caller.
  virtual awaitable<ChangedProfile> update_profile(Caller caller, ProfilePatch patch) = 0;

  // A blocked user can neither add the caller to a chat nor make a Single with the caller. At most
  // blocks_max users are blocked.
  virtual awaitable<BlockOutcome> block(Caller caller, UserId user) = 0;
  virtual awaitable<BlockOutcome> unblock(Caller caller, UserId user) = 0;

  // Replaces a password that is still `old_hash`, and ends all of the user's sessions but `kept`.
  virtual awaitable<ChangedPassword> change_password(UserId user, std::string old_hash,
                                                     std::string new_hash, SessionId kept) = 0;
  // Replaces the hash of a password that stays the same, while its version is `version`.
  virtual awaitable<RenewedHash> renew_password_hash(UserId user, std::int64_t version,
                                                     std::string old_hash,
                                                     std::string new_hash) = 0;
};

}  // namespace fechatter
