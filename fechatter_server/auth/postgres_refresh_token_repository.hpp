#pragma once

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/repository/refresh_token_repository.hpp"

namespace fechatter::server {

// Contract, threads and errors: RefreshTokenRepository.
class PostgresRefreshTokenRepository final : public RefreshTokenRepository {
 public:
  explicit PostgresRefreshTokenRepository(postgres::Database& database) : database_{database} {}

  awaitable<SignedIn> open_session(UserId user, std::string verified_hash,
                                   NewRefreshToken token) override;
  awaitable<RotatedToken> rotate(std::string hash, std::string successor_hash,
                                 std::string sealed_successor, std::chrono::seconds life) override;
  awaitable<bool> end_session(SessionId session, UserId user) override;
  awaitable<std::vector<SessionId>> end_all_sessions(UserId user) override;
  awaitable<std::optional<std::size_t>> find_only_session(std::vector<std::string> hashes) override;
  awaitable<std::vector<SessionId>> end_sessions_of(std::vector<std::string> hashes) override;

 private:
  postgres::Database& database_;
};

}  // namespace fechatter::server
