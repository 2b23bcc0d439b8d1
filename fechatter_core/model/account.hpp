#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/model/user.hpp"
#include "fechatter_core/model/workspace.hpp"
#include "fechatter_core/text/email.hpp"
#include "fechatter_core/text/name.hpp"

namespace fechatter {

// A session with what its tokens are made of.
struct SignedIn {
  SessionId session_id;
  User user;
  Workspace workspace;
};

// The answer to sign-up, sign-in and refresh.
struct AuthTokens {
  SignedIn signed_in;
  std::string access_token;
  std::string refresh_token;
  std::chrono::seconds access_life;
  Timestamp refresh_expires_at;
  std::string device_token = {};  // of sign-up and sign-in (auth/device_token.hpp)
};

struct SignUpDraft {
  Name fullname;
  EmailAddress email;
  std::string password;  // as read_password() makes it
  // nullopt: that of the invitation; without one, a new one that is named after the person.
  std::optional<Name> workspace;
  std::optional<std::string> invitation;
};

// What a token invites to, as far as its bearer may know.
struct InvitationOffer {
  std::optional<std::string> workspace;   // its name; nullopt: the token founds a workspace
  std::optional<std::string> invited_by;  // the full name
  std::optional<std::string> email;       // the only address that may use it; nullopt: any
};

// Opens one event stream, once, in place of an access token.
struct EventTicket {
  std::string ticket;
  std::chrono::seconds life{0};
};

}  // namespace fechatter
