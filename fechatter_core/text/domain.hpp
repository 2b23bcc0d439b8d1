#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fechatter {

// A domain name in the form in which it is compared: its A-labels in lower case (UTS #46,
// nontransitional). Nullopt for what is no domain name: an empty label, one of more than 63 bytes,
// one that begins or ends with '-', characters other than letters, digits and '-' of the scripts
// that IDNA allows, a root dot, more than 253 bytes. REQUIRES: `typed` is UTF-8. Pure; any thread.
std::optional<std::string> domain_key(std::string_view typed);

}  // namespace fechatter
