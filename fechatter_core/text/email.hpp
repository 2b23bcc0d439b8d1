#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fechatter {

// An e-mail address.
struct EmailAddress {
  std::string text;  // as it is stored: NFC, trimmed
  std::string key;   // equal keys: the same account
};

inline constexpr std::size_t email_bytes_max = 254;  // RFC 5321 errata 1690

// An address `local@domain`: the local part a dot-atom of at most 64 bytes (RFC 5321, with the
// letters of RFC 6531), the domain one of domain_key(). Nullopt for everything else, such as quoted
// local parts, address literals, display names and invisible characters: an address without a use
// is a way to hide one. REQUIRES: `typed` is UTF-8. Pure; any thread.
std::optional<EmailAddress> read_email(std::string_view typed);

// The key of any text that is offered as an address; of one that read_email() refuses, a key that
// no account has, or that of the address it was meant to be.
std::string email_key(std::string_view typed);

}  // namespace fechatter
