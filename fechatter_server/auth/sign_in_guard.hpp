#pragma once

#include <optional>
#include <string>

#include "fechatter_core/auth/device_token.hpp"
#include "fechatter_core/model/password_client.hpp"
#include "fechatter_core/repository/user_repository.hpp"
#include "fechatter_server/auth/failure_delays.hpp"
#include "fechatter_server/auth/hash_queue.hpp"

namespace fechatter::server {

// Decides whether a sign-in is that of a device that the account knows, which shares nothing with
// strangers: neither their limits nor their delays nor their turns in the queue for a hash
// (docs/adr/0013). Any thread.
class SignInGuard {
 public:
  SignInGuard(const auth::Key& private_key, std::chrono::seconds device_life,
              const FailureDelaySettings& delays)
      : devices_{private_key, device_life}, delays_{delays} {}

  // A sign-in that may go on to the comparison of the password.
  class Admission {
   public:
    const HashTurn& turn() const { return turn_; }
    // Each ends the admission; without one of them the try counts as none.
    void failed();
    // A device token for the account.
    std::string succeeded(std::int64_t password_version);

   private:
    friend class SignInGuard;
    Admission(SignInGuard& guard, std::string account, HashTurn turn)
        : guard_{guard}, account_{std::move(account)}, turn_{std::move(turn)} {}

    SignInGuard& guard_;
    std::string account_;
    HashTurn turn_;
    std::optional<auth::KnownDevice> device_;
    std::optional<FailureDelays::Try> try_;  // of a stranger
  };

  // `found`: the account of that key of an address, if there is one. Throws rate_limited.
  Admission admit(const std::string& email_key, const PasswordClient& client,
                  const std::optional<Credentials>& found);

  // A try of the present password by a session that wants another one: its failures delay this
  // session only. Throws rate_limited.
  FailureDelays::Try admit_change(SessionId session);

  const auth::DeviceTokens& devices() const { return devices_; }

 private:
  const auth::DeviceTokens devices_;
  FailureDelays delays_;
};

// The turns of those who sign up, and of users that change their password.
HashTurn stranger_turn(const PasswordClient& client);
HashTurn user_turn(UserId user);

}  // namespace fechatter::server
