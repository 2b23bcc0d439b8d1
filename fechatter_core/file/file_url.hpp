#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fechatter_core/model/ids.hpp"

namespace fechatter::file {

// Where a file lies: its content's hash within its workspace. Two uploads of the same bytes in a
// workspace are one stored file; no store is shared between workspaces, since that would tell
// whether a stranger has a file.
struct FileKey {
  WorkspaceId workspace;
  std::string hash;       // SHA-256 of the content, 64 lower-case hexadecimal digits
  std::string extension;  // by its media type, 1 to 8 of [a-z0-9], without the dot

  friend bool operator==(const FileKey&, const FileKey&) = default;
};

// "/files/{workspace}/{aaa}/{bbb}/{hash}.{ext}": aaa and bbb are the first digits of the hash.
std::string to_url(const FileKey& key);

// The key of exactly such a path; nullopt for anything else: other cases, encodings, a query, a
// number with a leading zero, folders that do not fit the hash. Pure; any thread.
std::optional<FileKey> parse_file_url(std::string_view url);

}  // namespace fechatter::file
