#pragma once

#include <string>
#include <vector>

#include "fechatter_core/postgres/migrations.hpp"

namespace fechatter::postgres {

// A numbered migration in the database compared with the folder.
struct MigrationState {
  enum class Kind {
    applied,
    pending,
    changed,  // the file is not the one that was applied
    unknown   // applied by a newer program: there is no such file
  };
  int version = 0;
  std::string name;
  Kind kind = Kind::pending;
  std::string applied_at;  // as PostgreSQL writes it; empty: not applied
};

// What a database has of a schema. Nothing is locked and nothing is changed.
struct SchemaState {
  bool made = false;                       // false: the database was never migrated
  std::vector<MigrationState> migrations;  // by version
  int release = 0;                         // of the definitions in the database
  int release_of_files = 0;
  bool definitions_differ = false;  // from those of the files, which are not older
  std::vector<std::string> invalid_indexes;

  // Whether postgres::migrate would apply anything.
  bool is_pending() const;
  // Whether anything is there that postgres::migrate does not repair.
  bool is_damaged() const;
};

// Any role of the servers may ask. Throws as Connection does.
SchemaState read_schema_state(Connection& connection, const Schema& schema);

// The views and functions of a database that are not what the files say, though the release was
// applied: "changed function f(bigint)", "missing view v", "foreign function g()". The definitions
// are applied in a transaction that is rolled back, which takes the rights of the schema's owner.
std::vector<std::string> find_changed_definitions(Connection& connection,
                                                  const Definitions& definitions);

}  // namespace fechatter::postgres
