#include "fechatter_server/auth/common_passwords.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "fechatter_core/ascii.hpp"
#include "fechatter_core/text/normal_form.hpp"

// The bytes of the list, put between these by cmake/common_passwords.cmake.
extern "C" {
extern const char fechatter_common_passwords[];
extern const char fechatter_common_passwords_end[];
}

namespace fechatter::server {
namespace {

constexpr std::size_t added_max = 4;  // characters around a word
constexpr std::size_t word_min = 4;   // characters of a word that they are added to
constexpr std::size_t piece_max = 3;  // bytes of a piece that makes no password by repetition

// The list as passwords are compared, sorted: 26 KB of text, and 16 bytes for each entry.
class Words {
 public:
  Words() : text_{case_folded(common_passwords())} {
    std::string_view rest = text_;
    while (!rest.empty()) {
      const auto end = std::min(rest.find('\n'), rest.size());
      const auto line = rest.substr(0, end);
      if (!line.empty() && !line.starts_with("#!")) words_.push_back(line);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    std::sort(words_.begin(), words_.end());
  }
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;

  bool contain(std::string_view text) const {
    return std::binary_search(words_.begin(), words_.end(), text);
  }

 private:
  const std::string text_;
  std::vector<std::string_view> words_;
};

bool is_word(std::string_view text) {
  static const Words words;
  return words.contain(text);
}

// A digit or a sign: no letter, and no byte of a character beyond ASCII.
bool is_addition(char c) {
  return !is_letter(c) && static_cast<unsigned char>(c) < 0x80;
}

bool is_word_with_additions(std::string_view text) {
  for (std::size_t before = 0; before <= added_max && before < text.size(); ++before) {
    if (before > 0 && !is_addition(text[before - 1])) return false;
    const auto rest = text.substr(before);
    for (std::size_t after = 0; before + after <= added_max; ++after) {
      if (after > 0 && !is_addition(rest[rest.size() - after])) break;
      const auto word = rest.substr(0, rest.size() - after);
      if (word.size() < word_min) break;
      if (is_word(word)) return true;
    }
  }
  return false;
}

bool is_repetition(std::string_view text) {
  for (std::size_t size = 1; size <= text.size() / 2; ++size) {
    const bool repeats = text.substr(size) == text.substr(0, text.size() - size);
    if (repeats && (size <= piece_max || is_word(text.substr(0, size)))) return true;
  }
  return false;
}

// Each character is the next one of its code, or each the one before.
bool is_row(std::string_view text) {
  const auto has_step = [text](int step) {
    return std::adjacent_find(text.begin(), text.end(), [step](char left, char right) {
             return right - left != step;
           }) == text.end();
  };
  return has_step(1) || has_step(-1);
}

}  // namespace

std::string_view common_passwords() {
  return {fechatter_common_passwords, fechatter_common_passwords_end};
}

bool is_common_password(std::string_view folded) {
  return is_word(folded) || is_word_with_additions(folded) || is_repetition(folded) ||
         is_row(folded);
}

}  // namespace fechatter::server
