#include "fechatter_core/text/email.hpp"

#include <algorithm>

#include "fechatter_core/ascii.hpp"
#include "fechatter_core/text/character.hpp"
#include "fechatter_core/text/domain.hpp"
#include "fechatter_core/text/normal_form.hpp"
#include "fechatter_core/text/visibility.hpp"

namespace fechatter {
namespace {

constexpr std::size_t local_bytes_max = 64;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

bool is_atom_character(char c) {
  constexpr std::string_view signs = "!#$%&'*+-/=?^_`{|}~";
  return is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80 ||
         signs.find(c) != std::string_view::npos;
}

bool is_dot_atom(std::string_view text) {
  if (text.empty() || text.starts_with('.') || text.ends_with('.')) return false;
  if (text.find("..") != std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '.' || is_atom_character(c); });
}

bool has_only_visible_characters(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (!is_visible(next_character(text, at))) return false;
  }
  return true;
}

}  // namespace

std::optional<EmailAddress> read_email(std::string_view typed) {
  EmailAddress address{composed(trimmed(typed)), {}};
  const std::string_view text = address.text;
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || text.size() > email_bytes_max) return std::nullopt;
  const auto local = text.substr(0, at);
  const auto domain = domain_key(text.substr(at + 1));
  if (!domain || local.size() > local_bytes_max || !has_only_visible_characters(text)) {
    return std::nullopt;
  }
  // Folded, a full-width comma is a comma.
  const auto folded = case_folded(local);
  if (!is_dot_atom(local) || !is_dot_atom(folded)) return std::nullopt;
  address.key = folded + "@" + *domain;
  return address;
}

std::string email_key(std::string_view typed) {
  if (const auto address = read_email(typed)) return address->key;
  return case_folded(trimmed(typed));
}

}  // namespace fechatter
