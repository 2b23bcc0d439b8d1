#pragma once

#include <gmock/gmock.h>

#include <ostream>
#include <string>
#include <vector>

#include "tests/search/searching.hpp"
#include "tests/search/world.hpp"

// Tables of what is asked of the corpus and what the answer must be, on either index.
namespace fechatter::test {

struct Case {
  std::string name;                // a sentence
  std::string query;               // q, if there is one; {user:bob} and {chat:general} are ids
  std::vector<std::string> finds;  // keys of messages
  Parameters more = {};            // other parameters
  std::string asks = "alice";
};

void PrintTo(const Case& item, std::ostream* out);
std::string case_name(const testing::TestParamInfo<Case>& info);

class Conformance : public testing::Test {
 protected:
  static void SetUpTestSuite() { World::instance(); }

  // The keys of the hits of an answer, which must be consistent in itself.
  std::vector<std::string> keys_of(const nlohmann::json& answer) const;
  // What a case finds, up to a hundred.
  std::vector<std::string> keys_found(const Case& item) const;
  // The parameters of a case as they are sent.
  Parameters parameters_of(const Case& item) const;

  const World& world = World::instance();
  const Person& alice = world.person("alice");
  const Person& bob = world.person("bob");
};

// A table of these: `finds` in any order, and nothing else.
class Finds : public Conformance, public testing::WithParamInterface<Case> {};
// A table of these: `finds` in this order, and nothing else.
class Ranks : public Conformance, public testing::WithParamInterface<Case> {};

// What must hold for every answer, whatever was asked.
void expect_consistent(const nlohmann::json& answer);
// The text that a highlight shows: without marks, unescaped.
std::string shown_text(std::string highlight);

}  // namespace fechatter::test
