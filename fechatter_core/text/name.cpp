#include "fechatter_core/text/name.hpp"

#include <unicode/uchar.h>

#include "fechatter_core/text/character.hpp"
#include "fechatter_core/text/normal_form.hpp"
#include "fechatter_core/text/visibility.hpp"
#include "fechatter_core/utf8.hpp"

namespace fechatter {
namespace {

// Composing and trimming shorten a text, to a quarter at most in practice.
constexpr std::size_t typed_per_stored_max = 4;

// Space separators only: tabs and line feeds are no part of a name.
bool is_space(char32_t code) {
  return u_charType(static_cast<UChar32>(code)) == U_SPACE_SEPARATOR;
}

std::string with_single_spaces(std::string_view text) {
  std::string single;
  bool pending = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto begin = at;
    if (is_space(next_character(text, at))) {
      pending = !single.empty();
      continue;
    }
    if (pending) single += ' ';
    pending = false;
    single += text.substr(begin, at - begin);
  }
  return single;
}

// Marks stand above or below something.
bool has_only_marks(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto code = next_character(text, at);
    if (!(U_GET_GC_MASK(static_cast<UChar32>(code)) & U_GC_M_MASK)) return false;
  }
  return true;
}

}  // namespace

ReadName read_name(std::string_view typed, std::size_t length_max) {
  ReadName read;
  const auto too_long = "must have at most " + std::to_string(length_max) + " characters";
  if (count_characters(typed) > typed_per_stored_max * length_max) {
    read.refusal = too_long;
    return read;
  }
  read.name.text = with_single_spaces(composed(typed));
  read.name.key = name_key(read.name.text);
  const auto& text = read.name.text;
  if (text.empty()) {
    read.refusal = "must not be empty";
  } else if (!is_visible_text(text)) {
    read.refusal = "must have no control characters, line breaks or invisible characters";
  } else if (has_only_marks(text)) {
    read.refusal = "must have more than marks";
  } else if (count_characters(text) > length_max) {
    read.refusal = too_long;
  } else if (read.name.key.size() > name_key_bytes_max) {
    read.refusal = "is too long when its ligatures are written out";
  }
  return read;
}

std::string name_key(std::string_view text) {
  return with_single_spaces(case_folded(text));
}

}  // namespace fechatter
