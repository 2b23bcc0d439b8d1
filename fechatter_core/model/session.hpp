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
  Timestamp expires_at;
};

}  // namespace fechatter
