#pragma once

#include <gmock/gmock.h>

#include <ostream>
#include <string>
#include <vector>

#include "tests/search/searching.hpp"
#include "tests/search/world.hpp"

// Tables of queries on the corpus and of their matches, on either index.
namespace fechatter::test {

struct Case {
  std::string name;                // a sentence
  std::string query;               // q, unless empty; {user:bob} and {chat:general} stand for ids
  std::vector<std::string> finds;  // keys of messages
  Parameters more = {};            // other parameters
  std::string asks = "alice";
};

void PrintTo(const Case& item, std::ostream* out);
std::string case_name(const testing::TestParamInfo<Case>& info);

class Conformance : public testing::Test {
 protected:
  static void SetUpTestSuite() { World::instance(); }

  // The keys of the hits of an answer; checks that the answer is consistent.
  std::vector<std::string> keys_of(const nlohmann::json& answer) const;
  // The hits of a case, up to a hundred.
  std::vector<std::string> keys_found(const Case& item) const;
  // The request parameters of a case.
  Parameters parameters_of(const Case& item) const;

  const World& world = World::instance();
  const Person& alice = world.person("alice");
  const Person& bob = world.person("bob");
};

// Cases whose hits are exactly `finds`, in any order.
class Finds : public Conformance, public testing::WithParamInterface<Case> {};
// Cases whose hits are exactly `finds`, in that order.
class Ranks : public Conformance, public testing::WithParamInterface<Case> {};

// Checks the invariants of every answer.
void expect_consistent(const nlohmann::json& answer);
// The text of a highlight: without marks, unescaped.
std::string shown_text(std::string highlight);

}  // namespace fechatter::test
