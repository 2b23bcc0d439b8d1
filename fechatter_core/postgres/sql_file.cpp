#include "fechatter_core/postgres/sql_file.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "fechatter_core/auth/encoding.hpp"

namespace fechatter::postgres {

std::string read_sql_file(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw std::runtime_error{path.string() + ": cannot be read"};
  return text.str();
}

std::string checksum_of(const std::string& sql) {
  return auth::to_bytea(auth::sha256(sql));
}

}  // namespace fechatter::postgres
