#include "fechatter_core/file/file_url.hpp"

#include <algorithm>
#include <charconv>

#include "fechatter_core/ascii.hpp"

namespace fechatter::file {
namespace {

constexpr std::string_view prefix = "/files/";
constexpr std::size_t hash_length = 64;
constexpr std::size_t folder_length = 3;
constexpr std::size_t extension_length_max = 8;

constexpr bool is_lower_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

constexpr bool is_extension_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z');
}

bool is_hash(std::string_view text) {
  return text.size() == hash_length && std::all_of(text.begin(), text.end(), is_lower_hex);
}

bool is_extension(std::string_view text) {
  return !text.empty() && text.size() <= extension_length_max &&
         std::all_of(text.begin(), text.end(), is_extension_char);
}

// Of the form that to_string() gives: positive, without a sign or a leading zero.
WorkspaceId workspace_of(std::string_view digits) {
  std::int64_t number = 0;
  const auto* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number);
  const bool whole = !digits.starts_with('0') && read.ec == std::errc{} && read.ptr == end;
  return WorkspaceId{whole && number > 0 ? number : 0};
}

}  // namespace

std::string to_url(const FileKey& key) {
  std::string url{prefix};
  url += std::to_string(key.workspace.value);
  url += '/';
  url += key.hash.substr(0, folder_length);
  url += '/';
  url += key.hash.substr(folder_length, folder_length);
  url += '/';
  url += key.hash;
  url += '.';
  url += key.extension;
  return url;
}

// Reads the parts, and compares the path that they give: so each key has one URL.
std::optional<FileKey> parse_file_url(std::string_view url) {
  if (!url.starts_with(prefix)) return std::nullopt;
  const auto digits = url.substr(prefix.size(), url.find('/', prefix.size()) - prefix.size());
  const auto name = url.substr(url.rfind('/') + 1);
  const auto hash = name.substr(0, hash_length);
  if (name.size() <= hash.size() + 1) return std::nullopt;
  const auto extension = name.substr(hash.size() + 1);
  if (!is_hash(hash) || !is_extension(extension)) return std::nullopt;
  FileKey key{workspace_of(digits), std::string{hash}, std::string{extension}};
  if (key.workspace.value == 0 || to_url(key) != url) return std::nullopt;
  return key;
}

}  // namespace fechatter::file
