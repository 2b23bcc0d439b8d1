#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fechatter {

// A password in the form in which it is hashed: the OpaqueString profile of RFC 8265 §4.2. Spaces
// of all kinds become U+0020, the text becomes NFC; case and width stay. So a password that one
// keyboard composes and another one decomposes is the same. Nullopt for a text that the profile
// refuses: an empty one, control, default-ignorable and unassigned characters, and others that the
// FreeformClass of RFC 8264 leaves out. REQUIRES: `typed` is UTF-8. Pure; any thread.
std::optional<std::string> read_password(std::string_view typed);

}  // namespace fechatter
