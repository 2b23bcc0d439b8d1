#pragma once

#include "fechatter_core/repository/user_repository.hpp"
#include "fechatter_server/outbox/eventful_database.hpp"

namespace fechatter::server {

// Contract, threads and errors: UserRepository.
class PostgresUserRepository final : public UserRepository {
 public:
  explicit PostgresUserRepository(EventfulDatabase& database) : database_{database} {}

  awaitable<SignedIn> sign_up(NewUser user, SignUpRules rules, NewRefreshToken token) override;
  awaitable<std::optional<InvitationOffer>> find_invitation(std::string token_hash,
                                                            Founding founding) override;
  awaitable<std::optional<Credentials>> find_credentials(std::string email_key) override;
  awaitable<std::optional<Credentials>> find_credentials(UserId user) override;
  awaitable<std::vector<User>> list(WorkspaceId workspace, std::string part, UserId after,
                                    std::int64_t limit) override;
  awaitable<std::optional<User>> find(WorkspaceId workspace, UserId user) override;
  awaitable<ChangedProfile> update_profile(Caller caller, ProfilePatch patch) override;
  awaitable<BlockOutcome> block(Caller caller, UserId user) override;
  awaitable<BlockOutcome> unblock(Caller caller, UserId user) override;
  awaitable<ChangedPassword> change_password(UserId user, std::string old_hash,
                                             std::string new_hash, SessionId kept) override;
  awaitable<RenewedHash> renew_password_hash(UserId user, std::int64_t version,
                                             std::string old_hash, std::string new_hash) override;

 private:
  EventfulDatabase& database_;
};

}  // namespace fechatter::server
