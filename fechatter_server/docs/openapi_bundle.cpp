#include "fechatter_server/docs/openapi_bundle.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "fechatter_server/docs/yaml_json.hpp"

namespace fechatter::docs {
namespace {

using nlohmann::ordered_json;
using std::filesystem::path;

[[noreturn]] void refuse(const path& file, const std::string& reason) {
  throw std::runtime_error{file.string() + ": " + reason};
}

std::vector<path> yaml_files(const path& folder) {
  std::vector<path> files;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  if (files.empty()) refuse(folder, "no *.yaml file");
  const auto order = [](const path& file) {
    return std::tuple{file.filename() != "info.yaml", file.filename()};
  };
  std::sort(files.begin(), files.end(),
            [&order](const path& one, const path& other) { return order(one) < order(other); });
  return files;
}

ordered_json read_map(const path& file) {
  std::ifstream yaml{file};
  if (!yaml) refuse(file, "cannot be read");
  const std::string text{std::istreambuf_iterator<char>{yaml}, {}};
  try {
    auto map = yaml_to_json(text);
    if (map.is_object()) return map;
  } catch (const std::exception& error) {
    refuse(file, error.what());
  }
  refuse(file, "not a YAML map");
}

void add(ordered_json& object, const std::string& key, ordered_json value, const path& file) {
  if (object.contains(key)) refuse(file, "another file defines " + key + " too");
  object[key] = std::move(value);
}

void add_entries(ordered_json& object, const ordered_json& entries, const path& file) {
  if (!entries.is_object()) refuse(file, "paths and components must be maps");
  for (const auto& [key, value] : entries.items()) add(object, key, value, file);
}

void merge(ordered_json& document, const ordered_json& part, const path& file) {
  for (const auto& [key, value] : part.items()) {
    if (key == "paths") {
      add_entries(document[key], value, file);
    } else if (key == "components") {
      if (!value.is_object()) refuse(file, "components must be a map");
      for (const auto& [section, entries] : value.items()) {
        add_entries(document[key][section], entries, file);
      }
    } else {
      add(document, key, value, file);
    }
  }
}

// In `node`, which came from `file`.
void check_references(const ordered_json& document, const ordered_json& node, const path& file) {
  if (!node.is_structured()) return;
  for (const auto& [key, value] : node.items()) {
    if (key != "$ref" || !value.is_string()) {
      check_references(document, value, file);
      continue;
    }
    const auto& target = value.get_ref<const std::string&>();
    if (!target.starts_with("#/")) refuse(file, "the $ref " + target + " leaves the document");
    if (!document.contains(ordered_json::json_pointer{target.substr(1)})) {
      refuse(file, "nothing defines the $ref " + target);
    }
  }
}

}  // namespace

ordered_json bundle_openapi(const path& folder) {
  std::vector<std::pair<path, ordered_json>> parts;
  for (const auto& file : yaml_files(folder)) parts.emplace_back(file, read_map(file));
  auto document = ordered_json::object();
  for (const auto& [file, part] : parts) merge(document, part, file);
  for (const auto& [file, part] : parts) check_references(document, part, file);
  return document;
}

}  // namespace fechatter::docs
