#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/system.hpp"

// Searches on a running server, with the index that FECHATTER_TEST_SEARCH names.
namespace fechatter::test {

// "postgres" by default. The address of Meilisearch is in the server's own variables,
// FECHATTER_SEARCH__MEILISEARCH_URL (on 127.0.0.1) and …_KEY.
std::string search_provider();
// Why the tests cannot run here; empty when they can.
std::string missing_for_search();

// The one system of this test program; made by its main, with an empty index. Each test has a
// workspace of its own.
System& searched_system();
void make_searched_system();
void end_searched_system();

// The deadline until a change is searchable. The promise is a second; a busy machine gets more.
inline constexpr std::chrono::seconds change_deadline{5};

using Parameters = std::vector<std::pair<std::string, std::string>>;
using Ids = std::set<std::int64_t>;

std::string percent_encoded(const std::string& text);
std::string search_target(const std::string& path, const Parameters& parameters);

// GET /api/search/messages.
Reply search(const Person& person, const Parameters& parameters);
// The answer's body. Throws for a status other than 200.
nlohmann::json found(const Person& person, const Parameters& parameters);
// The hits of a page of a hundred.
Ids ids_found(const Person& person, const std::string& query);
// Waits until exactly these are the hits; the message of a failure has the last ones.
testing::AssertionResult finds(const Person& person, const std::string& query, const Ids& expected);
// The field that a 422 names, or why the reply is none.
std::string refused_field(const Reply& reply);

// Signs up a user whose e-mail address differs from the name.
Person signs_up_as(const std::string& fullname, const std::string& email,
                   const std::string& workspace);

}  // namespace fechatter::test
