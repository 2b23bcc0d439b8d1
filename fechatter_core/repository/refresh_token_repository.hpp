#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/account.hpp"
#include "fechatter_core/repository/user_repository.hpp"

namespace fechatter {

// `rotated`: the offered successor is the session's token now. `same_successor`: the token was used
// before, but its successor not yet, or only in the last 10 s: the answer is the successor it got
// then (a lost answer, two browser tabs).
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

  // Exchanges the token of `hash` for its successor. A use of a token later than 10 s after the
  // first use of its successor ends the session.
  virtual awaitable<RotatedToken> rotate(std::string hash, std::string successor_hash,
                                         std::string sealed_successor,
                                         std::chrono::seconds life) = 0;

  // False: `user` has no such session. A session that has ended already stays ended.
  virtual awaitable<bool> end_session(SessionId session, UserId user) = 0;
  // Returns the sessions that this call ended.
  virtual awaitable<std::vector<SessionId>> end_all_sessions(UserId user) = 0;
  // The index of the newest token that `rotate` would exchange; nullopt when there is none, or when
  // such tokens are of several sessions.
  virtual awaitable<std::optional<std::size_t>> find_only_session(
      std::vector<std::string> hashes) = 0;
  // Ends the sessions of refresh tokens and returns them; unknown tokens are ignored.
  virtual awaitable<std::vector<SessionId>> end_sessions_of(std::vector<std::string> hashes) = 0;
};

}  // namespace fechatter
