#pragma once

#include <string>

#include "fechatter_server/server_settings.hpp"

namespace fechatter::server {

struct FilesCommand {
  std::int64_t after = 0;  // the files with later ids only …
  std::string after_file;  // … or those in the store behind this URL; then no ids
};

// `fechatter_server files verify` compares the rows with the store: files whose bytes are missing,
// then bytes that no row knows. Both are printed, a line each, and nothing is changed. Shows its
// progress on stderr, ends early at SIGINT and SIGTERM, and prints then how to resume. 0: no
// differences; 1: there are some; 130: ended early. Throws while the database or the store cannot
// be reached.
int verify_files(const ServerSettings& settings, const FilesCommand& command);

}  // namespace fechatter::server
