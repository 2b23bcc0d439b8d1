#include "fechatter_core/text/email.hpp"
#include "fechatter_core/text/graphemes.hpp"
#include "fechatter_core/text/mentions.hpp"
#include "fechatter_core/text/name.hpp"
#include "fechatter_core/text/normal_form.hpp"
#include "fechatter_core/text/password.hpp"
#include "fechatter_core/text/search_key.hpp"
#include "fechatter_core/text/url.hpp"
#include "fechatter_core/utf8.hpp"
#include "tests/fuzz/fuzz.hpp"

// Texts as users type them: names, e-mail addresses, passwords, keys, URLs, grapheme clusters,
// mentions. JSON has made sure that they are UTF-8.
namespace fechatter::fuzz {
namespace {

constexpr std::size_t length_max = 128;

void check_name(std::string_view typed) {
  const auto read = read_name(typed, length_max);
  if (!read.refusal.empty()) return;
  const auto& name = read.name;
  const auto length = count_characters(name.text);
  require(is_utf8(name.text) && length >= 1 && length <= length_max, "a name has its length");
  require(name.key.size() <= name_key_bytes_max, "an index can hold a key");
  require(name.key == name_key(name.text), "a key is that of the stored text");
  const auto again = read_name(name.text, length_max);
  require(again.refusal.empty() && again.name.text == name.text,
          "a stored name is stored so again");
}

void check_email(std::string_view typed) {
  const auto address = read_email(typed);
  if (!address) return;
  require(email_key(typed) == address->key, "an address has one key");
  require(address->text.size() <= email_bytes_max, "an address has its length");
  const auto again = read_email(address->text);
  require(again && again->key == address->key, "a stored address is the same account");
}

void check_password(std::string_view typed) {
  const auto password = read_password(typed);
  if (!password) return;
  require(!password->empty() && is_utf8(*password), "a password is text");
  require(read_password(*password) == password, "the profile is stable");
}

void check_keys(std::string_view text) {
  const auto key = search_key(text);
  require(key.find_first_of("\"\\{},'\n@") == key.npos, "a key has no signs");
  require(!key.starts_with(' ') && !key.ends_with(' '), "a key is trimmed");
  require(case_folded(composed(text)) == case_folded(text), "composition changes no key");
}

void check_url(std::string_view text) {
  const auto url = parse_url(text);
  if (url) require(!url->host.empty(), "a URL has a host");
  if (has_link(text)) require(text.find("://") != text.npos, "a link has a scheme");
  if (is_loadable(text)) {
    require(text.find_first_of("\\ \t\r\n\"<>") == text.npos, "a URL to load has no white space");
    require(url || (text[0] == '/' && !text.starts_with("//")), "a URL to load has an origin");
  }
}

void check_graphemes(std::string_view text) {
  Graphemes graphemes{text};
  for (std::size_t at = 0; at < text.size(); at += sequence_length(text.substr(at))) {
    const auto before = graphemes.border_before(at);
    const auto behind = graphemes.border_behind(at);
    require(before <= at && at <= behind && behind <= text.size(), "borders are around");
    require((before == at) == (behind == at), "a border is one from both sides");
  }
}

void check_mentions(std::string_view text) {
  const MentionPlaces places{text};
  for (const auto& candidate : mention_candidates(text)) {
    require(candidate.offset + candidate.length <= places.length(), "a mention is in the text");
    const auto again = places.find(candidate.offset, candidate.length);
    require(again && again->everyone == candidate.everyone, "a client may name each place");
    require(!candidate.everyone.empty() || again->key == candidate.key, "a place has one key");
  }
}

}  // namespace
}  // namespace fechatter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fechatter::fuzz;
  const auto text = text_of(data, size);
  if (!fechatter::is_utf8(text)) return 0;
  check_name(text);
  check_email(text);
  check_password(text);
  check_keys(text);
  check_url(text);
  check_graphemes(text);
  check_mentions(text);
  return 0;
}
