#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <sstream>

#include "tests/support/process.hpp"

// docs/security.md names, for each finding of the review, the tests that keep it closed.
namespace fechatter::test {
namespace {

const std::filesystem::path root{FECHATTER_SOURCE_DIR};

// All sources of the tests as one text.
std::string all_tests() {
  std::string text;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{root / "tests"}) {
    if (entry.path().extension() == ".cpp") text += read_file(entry.path().string());
  }
  return text;
}

bool is_test_name(const std::string& text) {
  const auto dot = text.find('.');
  const auto is_word = [](const std::string& part) {
    return !part.empty() && std::isupper(static_cast<unsigned char>(part[0])) != 0 &&
           std::all_of(part.begin(), part.end(),
                       [](unsigned char c) { return std::isalnum(c) != 0; });
  };
  return dot != std::string::npos && is_word(text.substr(0, dot)) && is_word(text.substr(dot + 1));
}

// The names in the tables from that heading on, as "Suite, Test".
std::vector<std::string> named_tests() {
  std::istringstream page{read_file((root / "docs/security.md").string())};
  std::vector<std::string> names;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line == "## Findings") inside = true;
    if (!inside || !line.starts_with("|")) continue;
    // Code stands between backticks: every second piece.
    std::istringstream pieces{line};
    bool is_code = false;
    for (std::string piece; std::getline(pieces, piece, '`'); is_code = !is_code) {
      if (!is_code || !is_test_name(piece)) continue;
      const auto dot = piece.find('.');
      names.push_back(piece.substr(0, dot) + ", " + piece.substr(dot + 1));
    }
  }
  return names;
}

TEST(SecurityFindings, EachNamedTestExists) {
  const auto tests = all_tests();
  const auto names = named_tests();
  EXPECT_GE(names.size(), 20U);
  for (const auto& name : names) {
    EXPECT_THAT(tests, testing::HasSubstr(fmt::format("({})", name))) << name;
  }
}

}  // namespace
}  // namespace fechatter::test
