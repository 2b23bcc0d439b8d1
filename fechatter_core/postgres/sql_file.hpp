#pragma once

#include <filesystem>
#include <string>

namespace fechatter::postgres {

// The text of a file of migrations/. Throws std::runtime_error when it cannot be read.
std::string read_sql_file(const std::filesystem::path& path);

// SHA-256, as bytea text.
std::string checksum_of(const std::string& sql);

}  // namespace fechatter::postgres
