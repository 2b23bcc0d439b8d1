#include "fechatter_core/text/url.hpp"

#include <unicode/uchar.h>

#include <algorithm>
#include <boost/asio/ip/address_v6.hpp>

#include "fechatter_core/ascii.hpp"
#include "fechatter_core/text/character.hpp"
#include "fechatter_core/text/domain.hpp"
#include "fechatter_core/text/visibility.hpp"

namespace fechatter {
namespace {

constexpr std::string_view schemes[] = {"https://", "http://"};
constexpr std::size_t authority_length_max = 512;  // bytes that are read of a link in a text

bool starts_without_case(std::string_view text, std::string_view start) {
  return text.size() >= start.size() &&
         std::equal(start.begin(), start.end(), text.begin(), [](char lower, char c) {
           return c == lower || (is_letter(c) && static_cast<char>(c | 0x20) == lower);
         });
}

std::size_t scheme_length(std::string_view text) {
  for (const auto scheme : schemes) {
    if (starts_without_case(text, scheme)) return scheme.size();
  }
  return 0;
}

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Whether a URL may have the character; others are percent-encoded in one.
bool is_url_character(char32_t code) {
  constexpr std::u32string_view never = U"\"<>\\^`{|}";
  if (code == no_character || code <= 0x20 || code == 0x7f) return false;
  return never.find(code) == std::u32string_view::npos && is_visible(code) &&
         !u_isUWhiteSpace(static_cast<UChar32>(code));
}

bool is_url_text(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto begin = at;
    const auto code = next_character(text, at);
    if (!is_url_character(code)) return false;
    const bool is_encoded =
        text.size() - begin > 2 && is_hex_digit(text[begin + 1]) && is_hex_digit(text[begin + 2]);
    if (code == U'%' && !is_encoded) return false;
  }
  return true;
}

bool is_port(std::string_view text) {
  constexpr int port_max = 65'535;
  int port = 0;
  for (const char c : text) {
    if (!is_digit(c) || port > port_max) return false;
    port = port * 10 + (c - '0');
  }
  return port <= port_max;
}

// Hosts of the web may have a '_', which domain names of IDNA have not.
bool is_host(std::string_view text) {
  if (!text.starts_with('[')) {
    std::string name{text};
    std::replace(name.begin(), name.end(), '_', 'x');
    return domain_key(name).has_value();
  }
  if (!text.ends_with(']')) return false;
  boost::system::error_code error;
  boost::asio::ip::make_address_v6(std::string{text.substr(1, text.size() - 2)}, error);
  return !error && text.find('%') == std::string_view::npos;
}

// The scheme and the authority of a link that begins a text, without the punctuation of the
// sentence around it. A client makes a link of it, whatever comes behind.
std::string_view link_at(std::string_view text, std::size_t scheme) {
  constexpr std::string_view of_hosts = ".-_:@[]";
  text = text.substr(0, scheme + authority_length_max);
  auto end = scheme;
  for (auto at = scheme; at < text.size(); end = at) {
    const auto begin = at;
    const bool is_word = kind_of(next_character(text, at)) != CharacterKind::separator;
    if (!is_word && of_hosts.find(text[begin]) == std::string_view::npos) break;
  }
  const bool has_bracket = text[std::min(scheme, text.size() - 1)] == '[';
  const auto of_sentences = of_hosts.substr(0, has_bracket ? of_hosts.size() - 2 : of_hosts.size());
  while (end > scheme && of_sentences.find(text[end - 1]) != std::string_view::npos) --end;
  return text.substr(0, end);
}

// A longer word is another scheme; scripts without spaces write links right behind a letter.
bool continues_word(std::string_view text, std::size_t at) {
  return at > 0 && (is_letter(text[at - 1]) || is_digit(text[at - 1]));
}

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
  const auto scheme = scheme_length(text);
  if (scheme == 0 || !is_url_text(text)) return std::nullopt;
  Url url;
  url.scheme = text.substr(0, scheme - 3);
  const auto end = std::min(text.find_first_of("/?#", scheme), text.size());
  url.rest = text.substr(end);
  auto authority = text.substr(scheme, end - scheme);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    url.has_userinfo = true;
    authority.remove_prefix(at + 1);
  }
  const auto bracket = authority.starts_with('[') ? authority.find(']') : 0;
  if (bracket == std::string_view::npos) return std::nullopt;
  const auto colon = authority.find(':', bracket);
  url.host = authority.substr(0, colon);
  if (colon != std::string_view::npos && !is_port(authority.substr(colon + 1))) return std::nullopt;
  return is_host(url.host) ? std::optional{url} : std::nullopt;
}

bool is_loadable(std::string_view text) {
  if (text.starts_with('/')) return !text.starts_with("//") && is_url_text(text);
  const auto url = parse_url(text);
  return url && url->scheme.size() == 5 && !url->has_userinfo;
}

bool has_link(std::string_view text) {
  for (auto at = text.find("://"); at != std::string_view::npos; at = text.find("://", at + 3)) {
    for (const auto scheme : schemes) {
      const auto length = scheme.size() - 3;
      if (at < length || continues_word(text, at - length)) continue;
      if (!starts_without_case(text.substr(at - length), scheme)) continue;
      if (parse_url(link_at(text.substr(at - length), scheme.size()))) return true;
    }
  }
  return false;
}

}  // namespace fechatter
