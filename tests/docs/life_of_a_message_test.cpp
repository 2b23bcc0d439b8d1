#include <gmock/gmock.h>

#include <filesystem>
#include <sstream>

#include "tests/support/places.hpp"
#include "tests/support/process.hpp"

// docs/architecture.md has a table "Life of a message": the functions that a reader opens to follow
// a message from the socket to the SSE byte. The table is a map, and a map that is wrong is worse
// than none.
namespace fechatter::test {
namespace {

struct Station {
  std::string name;
  std::string function;  // "Relay::step", or a function of SQL
  std::string file;      // from the root of the repository
};

std::string without_ticks(std::string cell) {
  std::erase(cell, '`');
  const auto first = cell.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return cell.substr(first, cell.find_last_not_of(' ') - first + 1);
}

// The rows of the table below the heading.
std::vector<Station> stations() {
  std::istringstream page{read_file(source_path("docs/architecture.md"))};
  std::vector<Station> found;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## ")) inside = line == "## Life of a message";
    if (!inside || !line.starts_with("| ") || line.starts_with("| station")) continue;
    std::vector<std::string> cells;
    std::istringstream row{line.substr(1)};
    for (std::string cell; std::getline(row, cell, '|');) cells.push_back(without_ticks(cell));
    // A row without a function is a heading.
    if (cells.size() >= 3 && !cells[1].empty() && !cells[0].starts_with("--")) {
      found.push_back({cells[0], cells[1], cells[2]});
    }
  }
  return found;
}

// Whether the file defines that function: what follows its name and parameters is a body.
bool defines(const std::string& text, const std::string& function) {
  if (text.find("FUNCTION " + function + "(") != std::string::npos) return true;
  for (auto at = text.find(function + "("); at != std::string::npos;
       at = text.find(function + "(", at + 1)) {
    const bool begins = at > 0 && (text[at - 1] == ' ' || text[at - 1] == '&' ||
                                   text[at - 1] == '*' || text[at - 1] == '\n');
    const auto end = text.find_first_of("{;=", at);
    if (begins && end != std::string::npos && text[end] == '{') return true;
  }
  return false;
}

TEST(LifeOfAMessage, EachStationsFunctionIsDefinedInTheFileThatTheTableNames) {
  for (const auto& station : stations()) {
    const auto path = source_path(station.file);
    ASSERT_TRUE(std::filesystem::is_regular_file(path)) << station.file;
    EXPECT_TRUE(defines(read_file(path), station.function))
        << station.function << " is not defined in " << station.file;
  }
}

// From the socket to the SSE byte: what docs/glossary.md and CONTRIBUTING.md allow.
TEST(LifeOfAMessage, HasAtMostTwentyTwoFunctionsToOpen) {
  const auto found = stations();
  EXPECT_GE(found.size(), 12U);
  EXPECT_LE(found.size(), 22U);
}

}  // namespace
}  // namespace fechatter::test
