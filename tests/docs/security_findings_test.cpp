#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <regex>
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

// The names in the tables from that heading on, as "Suite, Test".
std::vector<std::string> named_tests() {
  std::istringstream page{read_file((root / "docs/security.md").string())};
  std::vector<std::string> names;
  bool inside = false;
  const std::regex name{"`([A-Z][A-Za-z]+)\\.([A-Z][A-Za-z0-9]+)`"};
  for (std::string line; std::getline(page, line);) {
    if (line == "## Findings") inside = true;
    if (!inside || !line.starts_with("|")) continue;
    for (std::sregex_iterator found{line.begin(), line.end(), name}, end; found != end; ++found) {
      names.push_back((*found)[1].str() + ", " + (*found)[2].str());
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
