#include "fechatter_server/auth/accounts.hpp"

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_core/auth/ticket.hpp"
#include "fechatter_core/auth/token_text.hpp"
#include "fechatter_core/error.hpp"
#include "fechatter_core/text/password.hpp"
#include "fechatter_server/auth/password_rules.hpp"
#include "fechatter_server/auth/sign_up_refusals.hpp"

namespace fechatter::server {
namespace {

constexpr std::chrono::seconds ticket_life{30};
constexpr std::int64_t first_password_version = 1;

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
                   PasswordHasher& passwords, SignInGuard& guard, const auth::TokenSigner& signer,
                   nats::RevocationChannel& revocations)
    : settings_{settings},
      users_{users},
      sessions_{sessions},
      tickets_{tickets},
      passwords_{passwords},
      guard_{guard},
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

// The offer of the draft's invitation; an empty one without an invitation. Throws when the draft
// needs one that is open.
awaitable<InvitationOffer> Accounts::offer_to(const SignUpDraft& draft) {
  const auto rules = settings_.sign_up;
  if (draft.invitation) {
    auto offer = co_await open_invitation(*draft.invitation);
    if (!offer) throw invalid_invitation();
    co_return std::move(*offer);
  }
  if (rules.founding != Founding::open && rules.join != WorkspaceJoin::open) {
    throw invitation_required(rules);
  }
  co_return InvitationOffer{};
}

awaitable<AuthTokens> Accounts::sign_up(SignUpDraft draft, PasswordClient client) {
  const auto offer = co_await offer_to(draft);
  check_new_password(draft, offer.workspace.value_or(""));
  auto device_token = guard_.devices().issue(guard_.devices().account_tag(draft.email.key),
                                             first_password_version, std::nullopt);
  NewUser user{
      std::move(draft.fullname), std::move(draft.email), {}, std::move(draft.workspace), {}};
  if (draft.invitation) user.invitation_hash = auth::hash_of(*draft.invitation);
  auto turn = stranger_turn(client);
  user.password_hash = co_await passwords_.hash(std::move(draft.password), std::move(turn));
  auto token = auth::new_token();
  auto first = first_token(token);
  auto signed_in = co_await users_.sign_up(std::move(user), settings_.sign_up, std::move(first));
  auto tokens = issue(std::move(signed_in), std::move(token), now() + settings_.refresh_life);
  tokens.device_token = std::move(device_token);
  counts_.add(AuthEvent::signed_up);
  co_return tokens;
}

awaitable<AuthTokens> Accounts::sign_in(std::string email, std::string password,
                                        PasswordClient client) {
  const auto key = email_key(email);
  auto looked_up = key;
  const auto found = co_await users_.find_credentials(std::move(looked_up));
  auto admission = guard_.admit(key, client, found);
  std::optional<std::string> hash;
  if (found) hash = found->password_hash;
  auto turn = admission.turn();
  auto verified = co_await verify(std::move(password), std::move(hash), std::move(turn));
  if (!verified.right) {
    admission.failed();
    counts_.add(AuthEvent::sign_in_failed);
    throw Error{ErrorCode::invalid_credentials, "The e-mail address or the password is wrong."};
  }
  auto stored = co_await stored_hash(*found, std::move(verified.renewed_hash));
  auto token = auth::new_token();
  auto first = first_token(token);
  auto signed_in =
      co_await sessions_.open_session(found->user.id, std::move(stored), std::move(first));
  auto tokens = issue(std::move(signed_in), std::move(token), now() + settings_.refresh_life);
  tokens.device_token = admission.succeeded(found->password_version);
  counts_.add(AuthEvent::signed_in);
  co_return tokens;
}

// A password is compared as read_password() makes it and, where that differs, as it was typed: so
// it was hashed before there was that form. A text that can be no password costs the same work as a
// wrong one.
awaitable<VerifiedPassword> Accounts::verify(std::string typed, std::optional<std::string> hash,
                                             HashTurn turn) {
  auto password = read_password(typed);
  if (!password) hash.reset();
  std::vector<std::string> forms{std::move(password).value_or("")};
  if (forms.front() != typed) forms.push_back(std::move(typed));
  co_return co_await passwords_.verify(std::move(forms), std::move(hash), std::move(turn));
}

// Stores a renewed hash, if there is one; returns the one that is stored then. `found` outlives the
// call.
awaitable<std::string> Accounts::stored_hash(const Credentials& found, std::string renewed) {
  auto before = found.password_hash;
  if (renewed.empty()) co_return before;
  auto change = co_await users_.renew_password_hash(found.user.id, found.password_version,
                                                    std::move(before), std::move(renewed));
  // Without a hash the password has changed, which open_session() finds by the former one.
  co_return std::move(change.stored).value_or(found.password_hash);
}

awaitable<AuthTokens> Accounts::refresh(OfferedTokens offered) {
  auto tokens = std::move(offered.others);
  auto cookie = co_await choose(std::move(offered.cookies));
  if (cookie) tokens.insert(tokens.begin(), std::move(*cookie));
  for (auto& token : tokens) {
    auto refreshed = co_await try_refresh(std::move(token));
    if (!refreshed) continue;
    counts_.add(AuthEvent::refreshed);
    co_return std::move(*refreshed);
  }
  counts_.add(AuthEvent::refresh_refused);
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
  counts_.add(AuthEvent::signed_out);
  revocations_.announce(ended);
}

awaitable<> Accounts::sign_out_everywhere(UserId user) {
  const auto ended = co_await sessions_.end_all_sessions(user);
  counts_.add(AuthEvent::signed_out_everywhere);
  revocations_.announce(ended);
}

awaitable<std::string> Accounts::change_password(auth::Identity bearer, std::string current,
                                                 std::string replacement) {
  const auto found = co_await users_.find_credentials(bearer.user_id);
  std::optional<std::string> hash;
  if (found) hash = found->password_hash;
  auto attempt = guard_.admit_change(bearer.session_id);
  auto typed = current;
  auto compared = hash;
  auto first_turn = user_turn(bearer.user_id);
  const auto verified =
      co_await verify(std::move(typed), std::move(compared), std::move(first_turn));
  if (!verified.right) {
    attempt.failed();
    counts_.add(AuthEvent::password_change_failed);
    throw invalid_field("current_password", "is not the password");
  }
  attempt.succeeded();
  if (replacement == read_password(current)) throw password_unchanged("new_password");
  check_new_password("new_password", replacement,
                     {found->user.fullname, found->user.email, found->workspace_name});
  auto second_turn = user_turn(bearer.user_id);
  auto new_hash = co_await passwords_.hash(std::move(replacement), std::move(second_turn));
  const auto changed = co_await users_.change_password(bearer.user_id, *hash, std::move(new_hash),
                                                       bearer.session_id);
  // Not done: another request has changed the password since `current` was verified.
  if (!changed.done) throw invalid_field("current_password", "is not the password");
  counts_.add(AuthEvent::password_changed);
  revocations_.announce(changed.ended);
  const auto& devices = guard_.devices();
  const auto account = devices.account_tag(email_key(found->user.email));
  co_return devices.issue(account, changed.version, std::nullopt);
}

awaitable<EventTicket> Accounts::issue_ticket(auth::Identity bearer) {
  const auto expires_at = std::chrono::floor<std::chrono::seconds>(now()) + ticket_life;
  auto ticket = auth::new_ticket(signer_.key(), expires_at);
  auto hash = auth::hash_of(ticket);
  co_await tickets_.store(bearer, std::move(hash), ticket_life);
  co_return EventTicket{std::move(ticket), ticket_life};
}

}  // namespace fechatter::server
