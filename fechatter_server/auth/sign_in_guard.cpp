#include "fechatter_server/auth/sign_in_guard.hpp"

namespace fechatter::server {

void SignInGuard::Admission::failed() {
  if (try_) try_->failed();
}

std::string SignInGuard::Admission::succeeded(std::int64_t password_version) {
  if (try_) {
    try_->succeeded();
  } else {
    guard_.delays_.forget(account_);
  }
  return guard_.devices_.issue(account_, password_version, device_);
}

SignInGuard::Admission SignInGuard::admit(const std::string& email_key,
                                          const PasswordClient& client,
                                          const std::optional<Credentials>& found) {
  const auto account = devices_.account_tag(email_key);
  const bool claimed = client.device && client.device->account == account;
  if (claimed && found && client.device->password_version == found->password_version) {
    Admission admission{*this, account, {true, account}};
    admission.device_ = client.device;
    return admission;
  }
  // The limits of strangers passed over a device that claims to be known, on the word of its token.
  if (claimed && client.charge_as_stranger) client.charge_as_stranger();
  Admission admission{*this, account, stranger_turn(client)};
  admission.try_.emplace(delays_.begin(account));
  return admission;
}

FailureDelays::Try SignInGuard::admit_change(SessionId session) {
  // No account's tag has so many characters.
  return delays_.begin("the session " + std::to_string(session.value));
}

HashTurn stranger_turn(const PasswordClient& client) {
  return {false, client.network};
}

HashTurn user_turn(UserId user) {
  return {true, "user " + std::to_string(user.value)};
}

}  // namespace fechatter::server
