#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/system.hpp"

// Asking a running server for messages, on whichever index FECHATTER_TEST_SEARCH names.
namespace fechatter::test {

// "postgres" unless the environment says otherwise. Meilisearch is found by the server's own
// variables, FECHATTER_SEARCH__MEILISEARCH_URL (on 127.0.0.1) and …_KEY.
std::string search_provider();
// Why its tests cannot run here; empty when they can.
std::string what_search_lacks();

// The one system of this test program; made by its main, with an index that is empty. Tests keep
// apart by having workspaces of their own.
System& searched_system();
void make_searched_system();
void end_searched_system();

// How long what has changed may take to show. The promise is a second; a busy machine gets more.
inline constexpr std::chrono::seconds change_deadline{5};

using Parameters = std::vector<std::pair<std::string, std::string>>;
using Ids = std::set<std::int64_t>;

std::string percent_encoded(const std::string& text);
std::string search_target(const std::string& path, const Parameters& parameters);

// GET /api/search/messages.
Reply search(const Person& person, const Parameters& parameters);
// The answer's body. Throws with it when it is no 200.
nlohmann::json found(const Person& person, const Parameters& parameters);
// What is found with a whole page of a hundred.
Ids ids_found(const Person& person, const std::string& query);
// Waits until exactly these are found; the last that was found, for a message.
testing::AssertionResult finds(const Person& person, const std::string& query, const Ids& expected);
// The field that a 422 names, or why it is none.
std::string refused_field(const Reply& reply);

// Signs up somebody whose e-mail address is not their name.
Person signs_up_as(const std::string& fullname, const std::string& email,
                   const std::string& workspace);

}  // namespace fechatter::test
