#pragma once

#include <string>

#include "fechatter_core/postgres/migrations.hpp"
#include "tests/support/process.hpp"

namespace fechatter::test {

// A copy of migrations/ that a test changes: the schema of another release.
class SchemaFolder {
 public:
  SchemaFolder();

  void set_release(int release) const;
  // Replaces the one occurrence of `from`; throws when there is none, or more than one.
  void edit(const std::string& file, const std::string& from, const std::string& to) const;
  void append(const std::string& file, const std::string& sql) const;
  void remove(const std::string& file) const;
  postgres::Schema read() const;

 private:
  ScratchFolder folder_;
};

// The repository's own migrations/.
postgres::Schema our_schema();

}  // namespace fechatter::test
