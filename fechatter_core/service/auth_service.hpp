#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/auth/identity.hpp"
#include "fechatter_core/model/account.hpp"
#include "fechatter_core/model/password_client.hpp"

namespace fechatter {

// The refresh tokens that a request brings.
struct OfferedTokens {
  std::vector<std::string> cookies;  // all of the name, in the order in which they were sent
  std::vector<std::string> others;   // the header's, then the body's
};

// Accounts and their sessions. Any I/O thread.
class AuthService {
 public:
  virtual ~AuthService() = default;

  // Throws email_taken, invitation_required, invalid_fields, password_common, password_personal,
  // overloaded. A sign-up without an invitation that it needs, and one with an invitation that is
  // not open, cost no hashing of the password. REQUIRES: the draft names a workspace or an
  // invitation, unless founding is open.
  virtual awaitable<AuthTokens> sign_up(SignUpDraft draft, PasswordClient client) = 0;
  // Throws not_found: the token is unknown, expired, revoked or used.
  virtual awaitable<InvitationOffer> find_invitation(std::string token) = 0;
  // `email` and `password` are as typed. Throws invalid_credentials, after the same work for an
  // unknown address and a wrong password; rate_limited and overloaded, without that work.
  virtual awaitable<AuthTokens> sign_in(std::string email, std::string password,
                                        PasswordClient client) = 0;
  // Uses the first valid token, a cookie before the others. Of several cookies none is valid unless
  // exactly one session is named by those that are: another one was planted by another host. Throws
  // invalid_refresh_token when none is valid.
  virtual awaitable<AuthTokens> refresh(OfferedTokens offered) = 0;
  // Ends the sessions of the access token and of all refresh tokens, so that none of them stays
  // signed in. Throws unauthenticated when no token is valid.
  virtual awaitable<> sign_out(std::optional<auth::Identity> bearer, OfferedTokens offered) = 0;
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
