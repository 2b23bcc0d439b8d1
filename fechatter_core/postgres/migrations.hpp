#pragma once

#include <string>
#include <vector>

#include "fechatter_core/postgres/definitions.hpp"

namespace fechatter::postgres {

// A numbered file of migrations/, applied once: 0001_accounts.sql. Tables, types, indexes, data.
struct Migration {
  int version = 0;
  std::string name;  // "0001_accounts.sql"
  std::string sql;
  std::string checksum;  // SHA-256 of the file, as bytea text
};

// What the folder migrations/ holds.
struct Schema {
  std::vector<Migration> migrations;  // by version
  Definitions definitions;
};

// Throws std::runtime_error when a number is missing or doubled, and as read_definitions does.
Schema read_schema(const std::string& folder);

// Applies the missing migrations, in order, and then the definitions as apply_definitions does, all
// in one transaction: no function of the former release is looked up on the new tables. With
// migrations to apply, all tables are locked until they and the definitions are there; requests
// wait, and those that had begun to wait inside a former function must fail (migrations/README.md).
// Returns the names of what was applied. `url` names the role that owns the schema. The roles of
// the servers get the rights that they need and no more, with each change and when they have none
// yet. A role that owns nothing may call this too: it compares, and fails when something is
// missing. Instances that start together are safe: one works, the others poll for a lock of their
// own.
// Throws std::runtime_error when an applied file has changed, a migration fails, or an index is
// left invalid; Error{database_unavailable} without a database.
std::vector<std::string> migrate(const std::string& url, const Schema& schema,
                                 const ServerRoles& roles = {});

}  // namespace fechatter::postgres
