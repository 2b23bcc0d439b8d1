#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fechatter_core/postgres/connection.hpp"

namespace fechatter::postgres {

// A file of migrations/views/, which defines the view that it is called after.
struct ViewDefinition {
  std::string name;  // "message_rows"
  std::string sql;
  std::string checksum;  // SHA-256 of the file, as bytea text
};

// The current definition of every function, view and grant: the files of migrations/functions/ and
// migrations/views/, and the number in migrations/release, which only grows.
struct Definitions {
  int release = 0;
  std::string checksum;               // SHA-256 of the release and of all files, as bytea text
  std::string values;                 // functions/values.sql: the functions that views call
  std::vector<ViewDefinition> views;  // by name
  std::string functions;              // the other files of functions/, by name
};

// The roles that fechatter_server and notify_server connect as. Empty: that one gets no rights (it
// is the owner, or there is no such role).
struct ServerRoles {
  std::string application = {};
  std::string notify = {};
};

// Throws std::runtime_error when the release is missing or a file's name is no identifier.
Definitions read_definitions(const std::string& folder);

// The tables in which a database records its definitions. REQUIRES: they do not exist.
void create_definition_tables(Connection& connection);

// Before each script of a transaction but the first: it fails when the connection was lost
// meanwhile, because what is left must not be applied alone. Released at once: within a savepoint
// rows have another xmin than the transaction's id, by which former functions are found.
inline constexpr const char* in_transaction = "SAVEPOINT applying; RELEASE applying;";

// Applies the definitions as a whole, in one transaction with the rights of the roles; false when
// the database holds the same ones, or those of a newer release. `before`, if there is one, runs
// first in that transaction, in any case, and again with each further try. A view that is what its
// file says is not touched, because replacing it takes an exclusive lock; a function or view that
// an earlier release defined and no file defines any more is dropped. A lock is waited for 200 ms
// at most, so that requests neither fail nor deadlock, and the transaction is tried again for about
// a minute. Throws std::runtime_error after that, and when a definition fails.
bool apply_definitions(Connection& connection, const Definitions& definitions,
                       const ServerRoles& roles, const std::function<void()>& before = {});

}  // namespace fechatter::postgres
