#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/account.hpp"
#include "fechatter_core/repository/user_repository.hpp"

namespace fechatter {

// `rotated`: the offered successor is the session's token now. `same_successor`: the token was used
// within the last 10 s, and the answer is the successor it got then (two browser tabs).
struct RotatedToken {
  enum class Outcome { refused, rotated, same_successor };
  Outcome outcome = Outcome::refused;
  std::string sealed_successor;  // bytes, of same_successor
  std::optional<SignedIn> signed_in;
  Timestamp expires_at;  // of the successor
};

// Sessions; each is a family of refresh tokens. No change here has an event. Threads and errors as
// described at UserRepository (repository/user_repository.hpp).
class RefreshTokenRepository {
 public:
  virtual ~RefreshTokenRepository() = default;

  // `verified_hash`: the password hash that the password was verified against. Throws
  // user_suspended, and invalid_credentials when the password has changed since.
  virtual awaitable<SignedIn> open_session(UserId user, std::string verified_hash,
                                           NewRefreshToken token) = 0;

  // Exchanges the token of `hash` for its successor. A second use of a token, later than 10 s after
  // the first, ends its session.
  virtual awaitable<RotatedToken> rotate(std::string hash, std::string successor_hash,
                                         std::string sealed_successor,
                                         std::chrono::seconds life) = 0;

  // False: `user` has no such session. A session that has ended already stays ended.
  virtual awaitable<bool> end_session(SessionId session, UserId user) = 0;
  // Returns the sessions that this call ended.
  virtual awaitable<std::vector<SessionId>> end_all_sessions(UserId user) = 0;
  // Ends the session of a refresh token and returns it; nullopt when the token is unknown.
  virtual awaitable<std::optional<SessionId>> end_session_of(std::string hash) = 0;
};

}  // namespace fechatter
