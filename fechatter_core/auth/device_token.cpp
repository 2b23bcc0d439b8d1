#include "fechatter_core/auth/device_token.hpp"

#include <openssl/crypto.h>

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_core/clock.hpp"

namespace fechatter::auth {
namespace {

constexpr std::size_t id_bytes = 8;
constexpr std::size_t account_bytes = 16;
constexpr std::size_t number_bytes = 8;
constexpr std::size_t mac_bytes = 32;
constexpr std::size_t claims_bytes = id_bytes + account_bytes + 2 * number_bytes;
constexpr std::size_t token_characters = (claims_bytes + mac_bytes) * 4 / 3;

// The two uses of the secret never see the same bytes.
constexpr std::string_view token_purpose = "token\n";
constexpr std::string_view account_purpose = "account\n";

std::string to_bytes(std::int64_t number) {
  std::string bytes;
  for (std::size_t i = 0; i < number_bytes; ++i) {
    bytes += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * (number_bytes - 1 - i)));
  }
  return bytes;
}

std::int64_t number_of(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<std::uint8_t>(c);
  return static_cast<std::int64_t>(number);
}

std::string mac_of(const std::string& secret, std::string_view purpose, std::string_view bytes) {
  const auto mac = hmac_sha256(secret, std::string{purpose}.append(bytes));
  return {mac.begin(), mac.end()};
}

std::int64_t now_seconds() {
  return std::chrono::floor<std::chrono::seconds>(now()).time_since_epoch().count();
}

}  // namespace

DeviceTokens::DeviceTokens(const Key& private_key, std::chrono::seconds life)
    : secret_{derived_secret(private_key, "fechatter device token")}, life_{life} {}

std::string DeviceTokens::account_tag(std::string_view email_key) const {
  return mac_of(secret_, account_purpose, email_key).substr(0, account_bytes);
}

std::string DeviceTokens::issue(const std::string& account_tag, std::int64_t password_version,
                                const std::optional<KnownDevice>& before) const {
  const bool is_known = before && before->account == account_tag;
  auto token = is_known ? before->id : random_bytes(id_bytes);
  token += account_tag;
  token += to_bytes(password_version);
  token += to_bytes(now_seconds() + life_.count());
  token += mac_of(secret_, token_purpose, token);
  return base64url_encode(token);
}

std::optional<KnownDevice> DeviceTokens::find(std::string_view text) const {
  if (text.size() != token_characters) return std::nullopt;
  const auto token = base64url_decode(text);
  if (!token || token->size() != claims_bytes + mac_bytes) return std::nullopt;
  const auto claims = std::string_view{*token}.substr(0, claims_bytes);
  const auto mac = mac_of(secret_, token_purpose, claims);
  if (CRYPTO_memcmp(mac.data(), token->data() + claims_bytes, mac_bytes) != 0) return std::nullopt;
  const auto numbers = claims.substr(id_bytes + account_bytes);
  if (number_of(numbers.substr(number_bytes)) <= now_seconds()) return std::nullopt;
  return KnownDevice{std::string{claims.substr(0, id_bytes)},
                     std::string{claims.substr(id_bytes, account_bytes)},
                     number_of(numbers.substr(0, number_bytes))};
}

}  // namespace fechatter::auth
