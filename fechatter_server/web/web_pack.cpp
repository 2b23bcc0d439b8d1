#include "fechatter_server/web/web_pack.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "fechatter_core/auth/encoding.hpp"

// Made of the pack itself: see CMakeLists.txt.
extern "C" {
extern const char web_pack_begin[], web_pack_end[];
}

namespace fechatter::server {
namespace {

using nlohmann::json;

constexpr int pack_format = 1;

std::string tag_of(std::string_view bytes) {
  const auto digest = auth::sha256(bytes);
  return fmt::format("\"{:02x}\"", fmt::join(digest.begin(), digest.begin() + 16, ""));
}

// `name`: of a coding of the file. Nothing when the file is not there in it.
WebBytes read_bytes(const json& file, const char* name, std::string_view blob) {
  if (!file.contains(name)) return {};
  const auto& place = file.at(name);
  const auto offset = place.at(0).get<std::uint64_t>();
  const auto size = place.at(1).get<std::uint64_t>();
  if (offset > blob.size() || size > blob.size() - offset) {
    throw std::runtime_error{"bytes behind the end"};
  }
  const auto bytes = blob.substr(offset, size);
  return {bytes, tag_of(bytes)};
}

std::vector<WebFile> read_files(const json& index, std::string_view blob) {
  if (index.at("format") != pack_format) throw std::runtime_error{"another format"};
  const auto& listed = index.at("files");
  std::vector<WebFile> files;
  files.reserve(listed.size());
  for (const auto& file : listed) {
    files.push_back({file.at("path"), file.at("type"), read_bytes(file, "identity", blob),
                     read_bytes(file, "br", blob), read_bytes(file, "gzip", blob),
                     file.value("previous", false)});
  }
  std::sort(files.begin(), files.end(),
            [](const auto& left, const auto& right) { return left.path < right.path; });
  const bool has_page = std::any_of(files.begin(), files.end(),
                                    [](const auto& file) { return file.path == "/index.html"; });
  if (!has_page) throw std::runtime_error{"no /index.html"};
  return files;
}

}  // namespace

std::vector<WebFile> read_web_pack(std::string_view pack) {
  if (pack.empty()) return {};
  const auto end = pack.find('\n');
  try {
    if (end == std::string_view::npos) throw std::runtime_error{"no index"};
    const auto index = json::parse(pack.substr(0, end));
    return read_files(index, pack.substr(end + 1));
  } catch (const std::exception& error) {
    throw std::runtime_error{fmt::format("the pack of the web client: {}", error.what())};
  }
}

std::size_t write_web_assets(const std::vector<WebFile>& files, const std::string& folder) {
  std::size_t written = 0;
  for (const auto& file : files) {
    if (file.is_previous || !file.path.starts_with("/assets/")) continue;
    const auto path = std::filesystem::path{folder} / file.path.substr(1);
    std::filesystem::create_directories(path.parent_path());
    std::ofstream out{path, std::ios::binary};
    out << file.identity.bytes << std::flush;
    if (!out) throw std::runtime_error{path.string() + " cannot be written"};
    ++written;
  }
  return written;
}

std::string_view built_web_pack() {
  return {web_pack_begin, static_cast<std::size_t>(web_pack_end - web_pack_begin)};
}

}  // namespace fechatter::server
