#pragma once

#include <optional>
#include <string_view>

// What a link is: the one parser for files, avatars and `has:link`. Pure; any thread.
namespace fechatter {

// The parts of `scheme://[userinfo@]host[:port][/path][?query][#fragment]`, as they stand in the
// text.
struct Url {
  std::string_view scheme;  // http or https, in any case
  bool has_userinfo = false;
  std::string_view host;  // a domain name, an IPv4 address, or an IPv6 address in brackets
  std::string_view rest;  // path, query and fragment
};

// Reads a URL of the web (RFC 3986; letters of all scripts as in RFC 3987). Nullopt for another
// scheme, no host, a bad port, a '%' without two digits, and a character that a browser would drop
// or read as another one: backslashes, control, white-space and invisible characters. REQUIRES:
// `text` is UTF-8.
std::optional<Url> parse_url(std::string_view text);

// Whether a client may follow the text as the URL of a file, or load it as an image: an https URL
// without a userinfo part (which makes one host look like another), or an absolute path of our own
// origin ("/files/a.png", not "//host").
bool is_loadable(std::string_view text);

// Whether a text of users has a URL of the web in it, and not as the end of a longer word.
bool has_link(std::string_view text);

}  // namespace fechatter
