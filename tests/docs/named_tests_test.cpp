#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <regex>
#include <sstream>

#include "tests/support/places.hpp"
#include "tests/support/process.hpp"

// Documents name the tests that keep a finding closed (docs/security.md) or a requirement met
// (docs/asvs.md).
namespace fechatter::test {
namespace {

std::string page(const std::string& name) {
  return read_file(source_path("docs/" + name));
}

// All sources of the tests, and what CMake adds as tests, as one text with single spaces.
std::string all_tests() {
  std::string text;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{source_path("tests")}) {
    const auto& path = entry.path();
    if (path.extension() == ".cpp" || path.filename() == "CMakeLists.txt") {
      text += read_file(path.string());
    }
  }
  std::string joined;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n';
    if (!space) joined += c;
    if (space && !joined.empty() && joined.back() != ' ') joined += ' ';
  }
  return joined;
}

// The rows of the tables from that heading on.
std::vector<std::string> rows_of(const std::string& text, const std::string& heading) {
  std::istringstream lines{text};
  std::vector<std::string> rows;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == heading) inside = true;
    if (inside && line.starts_with("|")) rows.push_back(line);
  }
  return rows;
}

std::vector<std::string> matches_of(const std::string& text, const std::string& pattern) {
  const std::regex regex{pattern};
  std::vector<std::string> found;
  for (std::sregex_iterator at{text.begin(), text.end(), regex}, end; at != end; ++at) {
    found.push_back((*at)[1]);
  }
  return found;
}

// Expects that each `Suite.Test` of the rows exists, and that there are so many of them.
void expect_tests(const std::vector<std::string>& rows, std::size_t at_least) {
  const auto tests = all_tests();
  std::size_t count = 0;
  for (const auto& row : rows) {
    for (const auto& name : matches_of(row, "`([A-Z][A-Za-z]+\\.[A-Z][A-Za-z0-9]+)`")) {
      ++count;
      const auto dot = name.find('.');
      const auto macro = fmt::format("({}, {})", name.substr(0, dot), name.substr(dot + 1));
      const auto added = fmt::format("NAME {} ", name);
      EXPECT_TRUE(tests.find(macro) != std::string::npos || tests.find(added) != std::string::npos)
          << name;
    }
  }
  EXPECT_GE(count, at_least);
}

TEST(SecurityFindings, EachNamedTestExists) {
  expect_tests(rows_of(page("security.md"), "## Findings"), 20);
}

// A row of docs/asvs.md: requirements, level, state, where.
struct Row {
  std::vector<std::string> requirements;
  std::string level;
  std::string state;
};

std::vector<Row> asvs_rows() {
  const std::regex columns{"\\| (\\d[\\d., ]*) \\| ([12]) \\| ([^|]+) \\| .+ \\|"};
  std::vector<Row> rows;
  for (const auto& line : rows_of(page("asvs.md"), "## 1 Encoding and sanitization")) {
    if (line.starts_with("| requirement |") || line.starts_with("|--")) continue;
    std::smatch found;
    EXPECT_TRUE(std::regex_match(line, found, columns)) << line;
    if (found.empty()) continue;
    rows.push_back({matches_of(found[1], "([\\d.]+)"), found[2], found[3]});
  }
  return rows;
}

TEST(Asvs, EachNamedTestExists) {
  expect_tests(rows_of(page("asvs.md"), "## 1 Encoding and sanitization"), 80);
}

// Levels 1 and 2 of ASVS 5.0.0 have 253 requirements, of which 36 are in chapters 10 and 17.
TEST(Asvs, NoRequirementIsMissingOrThereTwice) {
  std::map<std::string, int> times;
  for (const auto& row : asvs_rows()) {
    for (const auto& requirement : row.requirements) ++times[requirement];
  }
  EXPECT_EQ(times.size(), 253U - 36U);
  for (const auto& [requirement, count] : times) EXPECT_EQ(count, 1) << requirement;
}

TEST(Asvs, EachStateIsOneOfTheTable) {
  for (const auto& row : asvs_rows()) {
    EXPECT_THAT(row.state, testing::AnyOf("met", "partly", "not yet", "operator", "–"))
        << row.requirements.front();
  }
}

// The summary at the beginning says so.
TEST(Asvs, OfLevelOneAllButOneAreMetOrTheOperators) {
  for (const auto& row : asvs_rows()) {
    if (row.level != "1" || row.requirements.front() == "14.3.1") continue;
    EXPECT_THAT(row.state, testing::AnyOf("met", "operator", "–")) << row.requirements.front();
  }
}

// A file that is named as evidence exists.
TEST(Asvs, EachNamedFileExists) {
  const auto text = page("asvs.md");
  const auto files = matches_of(
      text, "`((?:config|deploy|docs|fechatter_core|fechatter_server|tests)/[A-Za-z0-9_./-]+)`");
  EXPECT_GE(files.size(), 15U);
  for (const auto& file : files) EXPECT_TRUE(std::filesystem::exists(source_path(file))) << file;
}

}  // namespace
}  // namespace fechatter::test
