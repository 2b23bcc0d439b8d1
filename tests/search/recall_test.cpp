#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <stdexcept>

#include "tests/search/searching.hpp"
#include "tests/support/places.hpp"

namespace fechatter::test {
namespace {

// A line of recall.tsv.
struct Example {
  std::string kind;
  std::string language;
  std::string query;
  std::string message;  // must be found
  std::string other;    // must not match, for grams
};

// The counts of one kind and language.
struct Tally {
  int asked = 0;
  int found = 0;
  int wrong = 0;  // the other message matched
};

std::vector<std::string> columns(const std::string& line) {
  std::vector<std::string> cells;
  std::size_t begin = 0;
  while (begin <= line.size()) {
    const auto end = std::min(line.find('\t', begin), line.size());
    cells.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return cells;
}

std::vector<Example> examples() {
  std::ifstream file{source_path("tests/search/recall.tsv")};
  std::vector<Example> all;
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with('#')) continue;
    const auto cells = columns(line);
    if (cells.size() != 5) throw std::runtime_error{"recall.tsv: " + line};
    all.push_back({cells[0], cells[1], cells[2], cells[3], cells[4]});
  }
  return all;
}

// All messages of all examples are in one chat.
class Recall : public testing::Test {
 protected:
  Recall() {
    for (const auto& example : all) {
      post(example.message);
      if (example.kind == "grams") post(example.other);
    }
    const auto count = static_cast<std::int64_t>(ids.size());
    const auto in_chat = Parameters{{"chat_id", std::to_string(chat)}};
    if (!eventually([&] { return found(alice, in_chat).at("total") == count; })) {
      throw std::runtime_error{"not all messages are found"};
    }
  }

  void post(const std::string& text) {
    if (!ids.contains(text)) ids[text] = alice.posts(chat, text).at("id");
  }
  void count(const Example& example) {
    auto& tally = tallies[example.kind + " " + example.language];
    const auto hits = ids_found(alice, example.query);
    const bool has_message = hits.contains(ids.at(example.message));
    const bool has_other = example.kind == "grams" && hits.contains(ids.at(example.other));
    EXPECT_TRUE(has_message) << example.query << " does not find " << example.message;
    EXPECT_FALSE(has_other) << example.query << " finds " << example.other;
    ++tally.asked;
    tally.found += has_message ? 1 : 0;
    tally.wrong += has_other ? 1 : 0;
  }
  void print() const {
    for (const auto& [name, tally] : tallies) {
      fmt::print("{:<9} {:>3} asked, recall {:.3f}, wrong {}\n", name, tally.asked,
                 static_cast<double>(tally.found) / tally.asked, tally.wrong);
    }
  }
  int asked(const std::string& kind) const {
    int sum = 0;
    for (const auto& [name, tally] : tallies) sum += name.starts_with(kind) ? tally.asked : 0;
    return sum;
  }

  const std::vector<Example> all = examples();
  Person alice = searched_system().signs_up("alice");
  std::int64_t chat = alice.makes_chat("PrivateChannel", {}, "examples");
  std::map<std::string, std::int64_t> ids;  // of messages by their text
  std::map<std::string, Tally> tallies;
};

TEST_F(Recall, RecallIsCompleteForTypingErrorsAndGrams) {
  for (const auto& example : all) count(example);
  print();
  EXPECT_GE(asked("typo"), 120);
  EXPECT_GE(asked("grams"), 60);
}

}  // namespace
}  // namespace fechatter::test
