#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fechatter_core/auth/signing_key.hpp"

namespace fechatter::auth {

// What a device token proves: its bearer has signed in to this account, with a password that was
// the account's at that version. Only the database knows whether it still is.
struct KnownDevice {
  std::string id;       // 8 random bytes; a device keeps them from one sign-in to the next
  std::string account;  // DeviceTokens::account_tag
  std::int64_t password_version = 0;
};

// Device tokens: an HMAC with a secret that follows from the private key of the servers, so that
// all instances know each other's. A token opens nothing; it only keeps its bearer out of the
// queues and limits of strangers (docs/adr/0013). Any thread.
class DeviceTokens {
 public:
  DeviceTokens(const Key& private_key, std::chrono::seconds life);

  // 16 bytes that stand for an account, by the key of its e-mail address (text/email.hpp), whether
  // it exists or not.
  std::string account_tag(std::string_view email_key) const;

  // 96 characters of base64url. A device that is known to the account already keeps its id, so that
  // one sign-in after the other does not yield new devices.
  std::string issue(const std::string& account_tag, std::int64_t password_version,
                    const std::optional<KnownDevice>& before) const;
  // Nullopt for a text that is no token of these servers, and for an expired one. 1 µs.
  std::optional<KnownDevice> find(std::string_view token) const;

  std::chrono::seconds life() const { return life_; }

 private:
  const std::string secret_;
  const std::chrono::seconds life_;
};

}  // namespace fechatter::auth
