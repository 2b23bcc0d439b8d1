#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "fechatter_core/file/file_url.hpp"

// Where the file of a key lies in a store on a disk: <workspace>/<aaa>/<bbb>/<hash>.<extension>,
// where aaa and bbb are the first digits of the hash. Pure; any thread.
namespace fechatter::file {

inline constexpr std::size_t hash_digits = 64;
inline constexpr std::size_t folder_digits = 3;

struct DiskPlace {
  std::array<std::string, 3> folders;
  std::string name;
};

// Throws std::invalid_argument for what is no FileKey: none of its parts can leave the store.
DiskPlace place_of(const FileKey& key);

// A name of the first level; nullopt for one that place_of does not give.
std::optional<WorkspaceId> find_workspace(std::string_view folder);
// A name of the last level; nullopt for one that place_of does not give.
std::optional<FileKey> find_key(WorkspaceId workspace, std::string_view name);

// Whether the text is lower-case hexadecimal.
bool is_hex(std::string_view text);

}  // namespace fechatter::file
