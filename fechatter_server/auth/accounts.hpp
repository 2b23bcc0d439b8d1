#pragma once

#include "fechatter_core/auth/access_token.hpp"
#include "fechatter_core/nats/revocation_channel.hpp"
#include "fechatter_core/postgres/event_tickets.hpp"
#include "fechatter_core/service/auth_service.hpp"
#include "fechatter_server/auth/auth_counts.hpp"
#include "fechatter_server/auth/password_hasher.hpp"
#include "fechatter_server/auth/postgres_refresh_token_repository.hpp"
#include "fechatter_server/auth/sign_in_guard.hpp"
#include "fechatter_server/user/postgres_user_repository.hpp"

namespace fechatter::server {

struct AuthSettings {
  SignUpRules sign_up;
  std::chrono::seconds access_life{20 * 60};
  std::chrono::seconds refresh_life{14 * 24 * 3600};
  std::chrono::seconds session_life{30 * 24 * 3600};
  std::chrono::seconds invitation_life{7 * 24 * 3600};
  std::chrono::seconds device_life{90 * 24 * 3600};
};

// Contract, threads and errors: AuthService.
class Accounts final : public AuthService {
 public:
  Accounts(AuthSettings settings, PostgresUserRepository& users,
           PostgresRefreshTokenRepository& sessions, postgres::EventTickets& tickets,
           PasswordHasher& passwords, SignInGuard& guard, const auth::TokenSigner& signer,
           nats::RevocationChannel& revocations);

  awaitable<AuthTokens> sign_up(SignUpDraft draft, PasswordClient client) override;
  awaitable<InvitationOffer> find_invitation(std::string token) override;
  awaitable<AuthTokens> sign_in(std::string email, std::string password,
                                PasswordClient client) override;
  awaitable<AuthTokens> refresh(OfferedTokens offered) override;
  awaitable<> sign_out(std::optional<auth::Identity> bearer, OfferedTokens offered) override;
  awaitable<> sign_out_everywhere(UserId user) override;
  awaitable<std::string> change_password(auth::Identity bearer, std::string current,
                                         std::string replacement) override;
  awaitable<EventTicket> issue_ticket(auth::Identity bearer) override;

  const AuthCounts& counts() const { return counts_; }

 private:
  NewRefreshToken first_token(const std::string& token) const;
  AuthTokens issue(SignedIn signed_in, std::string refresh_token,
                   Timestamp refresh_expires_at) const;
  awaitable<std::optional<InvitationOffer>> open_invitation(std::string token);
  awaitable<InvitationOffer> offer_to(const SignUpDraft& draft);
  awaitable<VerifiedPassword> verify(std::string typed, std::optional<std::string> hash,
                                     HashTurn turn);
  awaitable<std::string> stored_hash(const Credentials& found, std::string renewed);
  awaitable<std::optional<std::string>> choose(std::vector<std::string> cookies);
  awaitable<std::optional<AuthTokens>> try_refresh(std::string token);

  const AuthSettings settings_;
  PostgresUserRepository& users_;
  PostgresRefreshTokenRepository& sessions_;
  postgres::EventTickets& tickets_;
  PasswordHasher& passwords_;
  SignInGuard& guard_;
  const auth::TokenSigner& signer_;
  nats::RevocationChannel& revocations_;
  AuthCounts counts_;
};

}  // namespace fechatter::server
