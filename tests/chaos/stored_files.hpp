#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "fechatter_core/postgres/connection.hpp"
#include "tests/chaos/history.hpp"
#include "tests/chaos/population.hpp"

// What becomes of files in the end, and that of those which nothing names. They block; they throw
// when PostgreSQL or the server cannot be reached.
namespace fechatter::chaos {

// Files that are marked as unused have been so for hours: the next rounds of the collectors remove
// them. As the owner of the database. REQUIRES: no upload is under way; that one is younger than an
// hour is what keeps its content.
void age_unused_files(postgres::Connection& database);

// Waits until the collectors of the running servers have removed all files that nothing names;
// returns how many are left after `within`. REQUIRES: clients send nothing any more.
std::int64_t collect_files(postgres::Connection& database, std::chrono::seconds within);

// Each file of the messages, as a permanent member of its chat gets it.
std::vector<StoredFile> download_files(const Population& population, std::uint16_t server_port,
                                       const std::vector<StoredMessage>& messages);

// The differences that `fechatter_server files verify` prints, or how it failed.
std::vector<std::string> verify_files(const std::string& database_url, const std::string& folder);

}  // namespace fechatter::chaos
