#include "fechatter_server/auth/accounts.hpp"

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_core/auth/ticket.hpp"
#include "fechatter_core/auth/token_text.hpp"
#include "fechatter_core/error.hpp"
#include "fechatter_core/text/password.hpp"
#include "fechatter_server/auth/sign_up_refusals.hpp"

namespace fechatter::server {
namespace {

constexpr std::chrono::seconds ticket_life{30};

// The successor is sealed with a pad that only the bearer of `token` can compute: the database has
// only the hash of `token`. Sealing and opening are the same operation.
std::string seal(const std::string& token, std::string bytes) {
  const auto pad = auth::hmac_sha256(token, "fechatter refresh token successor");
  for (std::size_t i = 0; i < bytes.size() && i < pad.size(); ++i) {
    bytes[i] = static_cast<char>(static_cast<std::uint8_t>(bytes[i]) ^ pad[i]);
  }
  return bytes;
}

std::vector<std::string> hashes_of(const std::vector<std::string>& tokens) {
  std::vector<std::string> hashes;
  for (const auto& token : tokens) hashes.push_back(auth::hash_of(token));
  return hashes;
}

}  // namespace

Accounts::Accounts(AuthSettings settings, PostgresUserRepository& users,
                   PostgresRefreshTokenRepository& sessions, postgres::EventTickets& tickets,
                   PasswordHasher& passwords, const auth::TokenSigner& signer,
                   nats::RevocationChannel& revocations)
    : settings_{settings},
      users_{users},
      sessions_{sessions},
      tickets_{tickets},
      passwords_{passwords},
      signer_{signer},
      revocations_{revocations} {}

NewRefreshToken Accounts::first_token(const std::string& token) const {
  return {auth::hash_of(token), settings_.refresh_life, settings_.session_life};
}

AuthTokens Accounts::issue(SignedIn signed_in, std::string refresh_token,
                           Timestamp refresh_expires_at) const {
  const auto issued_at = std::chrono::floor<std::chrono::seconds>(now());
  const auto& user = signed_in.user;
  const auth::TokenClaims claims{{user.id, user.workspace_id, signed_in.session_id, user.fullname,
                                  user.email, issued_at + settings_.access_life},
                                 "Active",
                                 user.created_at};
  auto access_token = signer_.sign(claims, issued_at);
  return {std::move(signed_in), std::move(access_token), std::move(refresh_token),
          settings_.access_life, refresh_expires_at};
}

awaitable<std::optional<InvitationOffer>> Accounts::open_invitation(std::string token) {
  if (token.size() != auth::token_length) co_return std::nullopt;
  auto hash = auth::hash_of(token);
  co_return co_await users_.find_invitation(std::move(hash), settings_.sign_up.founding);
}

awaitable<InvitationOffer> Accounts::find_invitation(std::string token) {
  auto offer = co_await open_invitation(std::move(token));
  if (!offer) throw Error{ErrorCode::not_found, "There is no such open invitation."};
  co_return std::move(*offer);
}

awaitable<AuthTokens> Accounts::sign_up(SignUpDraft draft) {
  const auto rules = settings_.sign_up;
  NewUser user{
      std::move(draft.fullname), std::move(draft.email), {}, std::move(draft.workspace), {}};
  if (draft.invitation) {
    const auto offer = co_await open_invitation(*draft.invitation);
    if (!offer) throw invalid_invitation();
    user.invitation_hash = auth::hash_of(*draft.invitation);
  } else if (rules.founding != Founding::open && rules.join != WorkspaceJoin::open) {
    throw invitation_required(rules);
  }
  user.password_hash = co_await passwords_.hash(std::move(draft.password));
  auto token = auth::new_token();
  auto first = first_token(token);
  auto signed_in = co_await users_.sign_up(std::move(user), rules, std::move(first));
  co_return issue(std::move(signed_in), std::move(token), now() + settings_.refresh_life);
}

awaitable<AuthTokens> Accounts::sign_in(std::string email, std::string password) {
  auto key = email_key(email);
  const auto found = co_await users_.find_credentials(std::move(key));
  std::optional<std::string> hash;
  if (found) hash = found->password_hash;
  const bool right = co_await verify(std::move(password), std::move(hash));
  if (!right) {
    throw Error{ErrorCode::invalid_credentials, "The e-mail address or the password is wrong."};
  }
  auto token = auth::new_token();
  auto first = first_token(token);
  auto signed_in =
      co_await sessions_.open_session(found->user.id, found->password_hash, std::move(first));
  co_return issue(std::move(signed_in), std::move(token), now() + settings_.refresh_life);
}

// A text that can be no password costs the same work as a wrong one.
awaitable<bool> Accounts::verify(std::string typed, std::optional<std::string> hash) {
  auto password = read_password(typed);
  if (!password) hash.reset();
  auto compared = std::move(password).value_or("");
  co_return co_await passwords_.verify(std::move(compared), std::move(hash));
}

awaitable<AuthTokens> Accounts::refresh(OfferedTokens offered) {
  auto tokens = std::move(offered.others);
  auto cookie = co_await choose(std::move(offered.cookies));
  if (cookie) tokens.insert(tokens.begin(), std::move(*cookie));
  for (auto& token : tokens) {
    auto refreshed = co_await try_refresh(std::move(token));
    if (refreshed) co_return std::move(*refreshed);
  }
  throw Error{ErrorCode::invalid_refresh_token, "This session is over; sign in again."};
}

awaitable<std::optional<std::string>> Accounts::choose(std::vector<std::string> cookies) {
  if (cookies.empty()) co_return std::nullopt;
  if (cookies.size() == 1) co_return std::move(cookies.front());
  auto hashes = hashes_of(cookies);
  const auto place = co_await sessions_.find_only_session(std::move(hashes));
  if (!place) co_return std::nullopt;
  co_return std::move(cookies.at(*place));
}

awaitable<std::optional<AuthTokens>> Accounts::try_refresh(std::string token) {
  if (token.size() != auth::token_length) co_return std::nullopt;
  const auto successor = auth::random_bytes(auth::token_bytes);
  auto hash = auth::hash_of(token);
  auto successor_hash = auth::hash_of(auth::base64url_encode(successor));
  auto sealed = seal(token, successor);
  auto rotated = co_await sessions_.rotate(std::move(hash), std::move(successor_hash),
                                           std::move(sealed), settings_.refresh_life);
  if (rotated.outcome == RotatedToken::Outcome::refused) co_return std::nullopt;
  const bool fresh = rotated.outcome == RotatedToken::Outcome::rotated;
  auto next = fresh ? successor : seal(token, rotated.sealed_successor);
  co_return issue(std::move(*rotated.signed_in), auth::base64url_encode(next), rotated.expires_at);
}

awaitable<> Accounts::sign_out(std::optional<auth::Identity> bearer, OfferedTokens offered) {
  std::vector<SessionId> ended;
  if (bearer) {
    const bool known = co_await sessions_.end_session(bearer->session_id, bearer->user_id);
    if (known) ended.push_back(bearer->session_id);
  }
  auto hashes = hashes_of(offered.cookies);
  for (const auto& token : offered.others) hashes.push_back(auth::hash_of(token));
  if (!hashes.empty()) {
    const auto others = co_await sessions_.end_sessions_of(std::move(hashes));
    ended.insert(ended.end(), others.begin(), others.end());
  }
  if (ended.empty()) {
    throw Error{ErrorCode::unauthenticated, "Signing out takes an access or a refresh token."};
  }
  revocations_.announce(ended);
}

awaitable<> Accounts::sign_out_everywhere(UserId user) {
  const auto ended = co_await sessions_.end_all_sessions(user);
  revocations_.announce(ended);
}

awaitable<> Accounts::change_password(auth::Identity bearer, std::string current,
                                      std::string replacement) {
  const auto found = co_await users_.find_credentials(bearer.user_id);
  std::optional<std::string> hash;
  if (found) hash = found->password_hash;
  const bool right = co_await verify(std::move(current), hash);
  if (!right) throw invalid_field("current_password", "is not the password");
  auto new_hash = co_await passwords_.hash(std::move(replacement));
  const auto changed = co_await users_.change_password(bearer.user_id, *hash, std::move(new_hash),
                                                       bearer.session_id);
  // Not done: another request has changed the password since `current` was verified.
  if (!changed.done) throw invalid_field("current_password", "is not the password");
  revocations_.announce(changed.ended);
}

awaitable<EventTicket> Accounts::issue_ticket(auth::Identity bearer) {
  const auto expires_at = std::chrono::floor<std::chrono::seconds>(now()) + ticket_life;
  auto ticket = auth::new_ticket(signer_.key(), expires_at);
  auto hash = auth::hash_of(ticket);
  co_await tickets_.store(bearer, std::move(hash), ticket_life);
  co_return EventTicket{std::move(ticket), ticket_life};
}

}  // namespace fechatter::server
