#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/account.hpp"
#include "fechatter_core/repository/user_repository.hpp"

namespace fechatter {

// How a refresh ended. `rotated`: the offered successor is now the session's token.
// `same_successor`: the token was used within the last 10 s, and its successor of then is the
// answer (two tabs).
struct RotatedToken {
  enum class Outcome { refused, rotated, same_successor };
  Outcome outcome = Outcome::refused;
  std::string sealed_successor;  // bytes, of same_successor
  std::optional<SignedIn> signed_in;
  Timestamp expires_at;  // of the successor
};

// Sessions: a family of refresh tokens each. As UserRepository in errors and threads.
class RefreshTokenRepository {
 public:
  virtual ~RefreshTokenRepository() = default;

  // `verified_hash`: the password hash that was found right. Throws user_suspended, and
  // invalid_credentials when the password was changed in the meantime.
  virtual awaitable<SignedIn> open_session(UserId user, std::string verified_hash,
                                           NewRefreshToken token) = 0;

  // Uses up the token of `hash` for its successor. A token that is used a second time, later than
  // 10 s, ends its whole session.
  virtual awaitable<RotatedToken> rotate(std::string hash, std::string successor_hash,
                                         std::string sealed_successor,
                                         std::chrono::seconds life) = 0;

  // Ends a session; one that has ended already stays so.
  virtual awaitable<bool> end_session(SessionId session, UserId user) = 0;
  // Ends all sessions of a user that have not ended yet, and says which.
  virtual awaitable<std::vector<SessionId>> end_all_sessions(UserId user) = 0;
  // Ends the session that a refresh token belongs to, and says which; nothing when there is none.
  virtual awaitable<std::optional<SessionId>> end_session_of(std::string hash) = 0;
};

}  // namespace fechatter
