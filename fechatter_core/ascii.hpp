#pragma once

// Classes of ASCII characters, without locale. Pure; any thread.
namespace fechatter {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace fechatter
