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
// these. `url` names the role that owns the schema. Another one, `application`, gets the rights
// that it needs and no more, after each migration and when it has none yet; empty: nobody does. A
// role that owns nothing may call this too: it compares, and fails when something is missing.
// Instances that start together are safe: one works, the others poll for the lock (a blocking lock
// beside CREATE INDEX CONCURRENTLY deadlocks). Throws std::runtime_error when an applied file has
// changed, a migration fails, or an index is left invalid; Error{database_unavailable} without a
// database.
std::vector<std::string> migrate(const std::string& url, const std::vector<Migration>& migrations,
                                 const std::string& application = {});

}  // namespace fechatter::postgres
