#include <gtest/gtest.h>

#include <algorithm>

#include "fechatter_server/search/misspelling.hpp"
#include "fechatter_server/search/tokens.hpp"

namespace fechatter::server {
namespace {

// Optimal string alignment, the textbook algorithm.
std::size_t whole_matrix(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> cells(a.size() + 1, std::vector(b.size() + 1, a.size()));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      auto& cell = cells[i][j];
      cell = i + j;
      if (i > 0) cell = std::min(cell, cells[i - 1][j] + 1);
      if (j > 0) cell = std::min(cell, cells[i][j - 1] + 1);
      if (i == 0 || j == 0) continue;
      cell = std::min(cell, cells[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
      if (i == 1 || j == 1 || a[i - 1] != b[j - 2] || a[i - 2] != b[j - 1]) continue;
      cell = std::min(cell, cells[i - 2][j - 2] + 1);
    }
  }
  return cells[a.size()][b.size()];
}

// All words of the letters a, b and c.
std::vector<std::string> words_up_to(std::size_t length_max) {
  std::vector<std::string> words = {""};
  for (std::size_t i = 0; words[i].size() < length_max; ++i) {
    for (const char c : {'a', 'b', 'c'}) words.push_back(words[i] + c);
  }
  return words;
}

TEST(Misspelling, ErrorsAreToleratedByTheLengthInCharacters) {
  const std::vector<std::pair<const char*, std::size_t>> tolerated = {
      {"four", 0},   {"fives", 1}, {"straight", 1}, {"beautiful", 2},
      {"москва", 1}, {"мост", 0},  {"कखगघ", 0},     {"", 0}};
  for (const auto& [word, errors] : tolerated) EXPECT_EQ(errors_tolerated(word), errors) << word;
}

TEST(Misspelling, DigitsGramsAndEmojiTolerateNoErrors) {
  for (const auto* word : {"ticket42", "20240131", "数据", "データベース", "👍"}) {
    EXPECT_EQ(errors_tolerated(word), 0) << word;
  }
}

struct Example {
  const char* word;
  const char* token;
  std::size_t errors;  // the fewest that are needed
};

TEST(Misspelling, AMisspellingNeedsAsManyErrorsAsItHas) {
  for (const auto& [word, token, errors] : std::initializer_list<Example>{
           {"server", "server", 0},
           {"serer", "server", 1},    // missing
           {"serrver", "server", 1},  // too many
           {"sorver", "server", 1},   // another one
           {"esrver", "server", 1},   // exchanged
           {"servre", "server", 1},   // at the end
           {"serve", "server", 1},
           {"москав", "москва", 1},
           {"databsae", "databases", 2},
           {"adtabaess", "databases", 2},
           {"ca", "abc", 3},  // exchanged letters stay as they are
           {"", "ab", 2},
           {"kitten", "sitting", 3},
       }) {
    EXPECT_TRUE(is_misspelling(word, token, errors)) << word;
    EXPECT_TRUE(errors == 0 || !is_misspelling(word, token, errors - 1)) << word;
  }
}

TEST(Misspelling, TheBandedDistanceEqualsThatOfTheWholeMatrix) {
  const auto words = words_up_to(4);
  for (const auto& a : words) {
    for (const auto& b : words) {
      const auto errors = whole_matrix(a, b);
      for (std::size_t most = 0; most < 5; ++most) {
        ASSERT_EQ(is_misspelling(a, b, most), errors <= most) << a << " " << b << " " << most;
      }
    }
  }
}

TEST(Misspelling, LongWordsAreComparedToTheLastCharacter) {
  const std::string word(token_length_max - 1, 'x');
  EXPECT_TRUE(is_misspelling(word + "a", word + "b", 1));
  EXPECT_FALSE(is_misspelling("a" + word, word + "b", 1));
}

}  // namespace
}  // namespace fechatter::server
