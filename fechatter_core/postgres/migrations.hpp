#pragma once

#include <string>
#include <vector>

namespace fechatter::postgres {

// A numbered file of migrations/: 0001_accounts.sql.
struct Migration {
  int version = 0;
  std::string name;  // "0001_accounts.sql"
  std::string sql;
  std::string checksum;  // SHA-256 of the file, as bytea text
};

// Reads a folder's migrations in order. Throws std::runtime_error when a number is missing or
// doubled.
std::vector<Migration> read_migrations(const std::string& folder);

// Applies what is not applied yet, each in a transaction of its own, and returns the names of
// these. Instances that start together are safe: one works, the others poll for the lock (a
// blocking lock beside CREATE INDEX CONCURRENTLY deadlocks). Throws std::runtime_error when an
// applied file has changed, a migration fails, or an index is left invalid;
// Error{database_unavailable} without a database.
std::vector<std::string> migrate(const std::string& database_url,
                                 const std::vector<Migration>& migrations);

}  // namespace fechatter::postgres
