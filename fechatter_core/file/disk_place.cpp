#include "fechatter_core/file/disk_place.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "fechatter_core/ascii.hpp"

namespace fechatter::file {
namespace {

constexpr std::size_t place_extension_max = 8;

bool is_place_extension(std::string_view text) {
  const auto may_be_in_one = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); };
  return !text.empty() && text.size() <= place_extension_max &&
         std::all_of(text.begin(), text.end(), may_be_in_one);
}

bool is_file_key(const FileKey& key) {
  return key.workspace.value > 0 && key.hash.size() == hash_digits && is_hex(key.hash) &&
         is_place_extension(key.extension);
}

}  // namespace

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

DiskPlace place_of(const FileKey& key) {
  if (!is_file_key(key)) throw std::invalid_argument{"not the key of a file"};
  return {{std::to_string(key.workspace.value), key.hash.substr(0, folder_digits),
           key.hash.substr(folder_digits, folder_digits)},
          key.hash + '.' + key.extension};
}

std::optional<WorkspaceId> find_workspace(std::string_view folder) {
  WorkspaceId workspace;
  const auto* end = folder.data() + folder.size();
  const auto [rest, error] = std::from_chars(folder.data(), end, workspace.value);
  const bool whole = error == std::errc{} && rest == end;
  // One number has one spelling.
  if (!whole || workspace.value <= 0 || folder.front() == '0') return std::nullopt;
  return workspace;
}

std::optional<FileKey> find_key(WorkspaceId workspace, std::string_view name) {
  if (name.size() <= hash_digits || name[hash_digits] != '.') return std::nullopt;
  FileKey key{workspace, std::string{name.substr(0, hash_digits)},
              std::string{name.substr(hash_digits + 1)}};
  if (!is_file_key(key)) return std::nullopt;
  return key;
}

}  // namespace fechatter::file
