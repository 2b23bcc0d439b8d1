#pragma once

#include <optional>
#include <string_view>

namespace fechatter::http {

// The parts of a request's target. Views into it, or of a literal.
struct RequestTarget {
  std::string_view authority;  // host[:port] of an absolute form; empty in origin form
  std::string_view path;       // begins with '/'; percent-encoded
  std::string_view query;      // without '?'
};

// The target of a request in origin form (`/path?query`) or absolute form
// (`http://host/path?query`, RFC 9112 §3.2.1 and §3.2.2: a server must accept both). Nullopt for
// any other form: another scheme, no host, a user name, a fragment, a byte that is no visible
// ASCII. Pure; any thread.
std::optional<RequestTarget> parse_target(std::string_view target);

// Whether the text can be `host[:port]`, be it empty: two hosts that a proxy has merged into one
// value contain a comma or a user name.
bool may_be_authority(std::string_view text);

}  // namespace fechatter::http
