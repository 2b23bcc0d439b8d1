#pragma once

#include "fechatter_core/async.hpp"
#include "fechatter_core/auth/identity.hpp"
#include "fechatter_core/model/account.hpp"

namespace fechatter {

// Accounts: who may sign up and in, and for how long. Any I/O thread.
class AuthService {
 public:
  virtual ~AuthService() = default;

  virtual awaitable<AuthTokens> sign_up(SignUpDraft draft) = 0;
  // Throws invalid_credentials, with the same work for an unknown e-mail and a wrong password.
  virtual awaitable<AuthTokens> sign_in(std::string email, std::string password) = 0;
  // Takes the first of the tokens that is good. Throws invalid_refresh_token when none is.
  virtual awaitable<AuthTokens> refresh(std::vector<std::string> tokens) = 0;
  // Ends the caller's session, known by an access token or by one of some refresh tokens. Throws
  // unauthenticated when neither is good.
  virtual awaitable<> sign_out(std::optional<auth::Identity> caller,
                               std::vector<std::string> refresh_tokens) = 0;
  // Ends all sessions of the caller, this one too.
  virtual awaitable<> sign_out_everywhere(auth::Identity caller) = 0;
  // Ends the caller's other sessions. Throws invalid_fields when `current` is not the password.
  virtual awaitable<> change_password(auth::Identity caller, std::string current,
                                      std::string fresh) = 0;
  // A single-use ticket for one stream of events.
  virtual awaitable<EventTicket> issue_ticket(auth::Identity caller) = 0;
};

}  // namespace fechatter
