#pragma once

#include <string>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/model/user.hpp"

namespace fechatter {

// A signed-in session with what it needs to make tokens.
struct SignedIn {
  SessionId session_id;
  User user;
  Workspace workspace;
};

// What sign-in, sign-up and refresh give out.
struct AuthTokens {
  SignedIn signed_in;
  std::string access_token;
  std::string refresh_token;
  std::chrono::seconds access_life;
  Timestamp refresh_expires_at;
};

struct SignUpDraft {
  std::string fullname;
  std::string email;
  std::string password;
  std::string workspace;
  std::optional<std::string> invitation;
};

struct Invitation {
  InvitationId id;
  std::string token;  // given out once, when it is made
  UserId created_by;
  Timestamp created_at;
  Timestamp expires_at;
  std::optional<Timestamp> revoked_at;
  std::optional<Timestamp> accepted_at;
  std::optional<UserId> accepted_by;
};

// Opens one stream, once, instead of an access token.
struct EventTicket {
  std::string ticket;
  std::chrono::seconds life{0};
};

}  // namespace fechatter
