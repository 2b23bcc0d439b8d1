#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "fechatter_core/ascii.hpp"

// The small alphabet of HTTP (RFC 9110 §5.6), without locale. Pure; any thread.
namespace fechatter::http {

using fechatter::is_digit;
using fechatter::is_letter;

constexpr bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

constexpr bool is_token_char(char c) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return is_letter(c) || is_digit(c) || others.find(c) != std::string_view::npos;
}

inline bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

inline std::string to_lower(std::string_view text) {
  std::string lowered{text};
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), lower);
  return lowered;
}

inline bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

// The text without the spaces and tabs at both ends.
constexpr std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Removes the text before the first `separator` from `rest`, with the separator, and returns it;
// all of `rest` when there is none.
constexpr std::string_view take_until(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const auto front = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return front;
}

// Whether a comma-separated header value contains the token, in any case.
inline bool lists_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    if (equals_ignoring_case(trimmed(take_until(list, ',')), token)) return true;
  }
  return false;
}

}  // namespace fechatter::http
