#pragma once

#include "fechatter_core/async.hpp"
#include "fechatter_core/auth/identity.hpp"
#include "fechatter_core/model/account.hpp"
#include "fechatter_core/model/password_client.hpp"

namespace fechatter {

// Accounts and their sessions. Any I/O thread.
class AuthService {
 public:
  virtual ~AuthService() = default;

  // Throws email_taken, invitation_required, invalid_fields, password_common, password_personal,
  // overloaded.
  virtual awaitable<AuthTokens> sign_up(SignUpDraft draft, PasswordClient client) = 0;
  // `email` and `password` are as typed. Throws invalid_credentials, after the same work for an
  // unknown address and a wrong password; rate_limited and overloaded, without that work.
  virtual awaitable<AuthTokens> sign_in(std::string email, std::string password,
                                        PasswordClient client) = 0;
  // Uses the first valid token. Throws invalid_refresh_token when none is valid.
  virtual awaitable<AuthTokens> refresh(std::vector<std::string> tokens) = 0;
  // Ends the session of the access token, or else of the first valid refresh token. Throws
  // unauthenticated when no token is valid.
  virtual awaitable<> sign_out(std::optional<auth::Identity> bearer,
                               std::vector<std::string> refresh_tokens) = 0;
  // Ends all of the user's sessions, the current one included.
  virtual awaitable<> sign_out_everywhere(UserId user) = 0;
  // `current` is as typed, `replacement` as read_password() makes it. Ends the bearer's other
  // sessions and makes strangers of all devices; returns a device token for this one. Throws
  // invalid_fields when `current` is not the password, password_unchanged, password_common,
  // password_personal, rate_limited, overloaded.
  virtual awaitable<std::string> change_password(auth::Identity bearer, std::string current,
                                                 std::string replacement) = 0;
  // A single-use ticket for one event stream.
  virtual awaitable<EventTicket> issue_ticket(auth::Identity bearer) = 0;
};

}  // namespace fechatter
