#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace fechatter::docs {

// The description of the API as one OpenAPI document, merged from the *.yaml files of a folder:
// info.yaml first, the others in the order of their names. `paths` and each section of `components`
// gather the entries of all files; any other key stands in one file only. Throws
// std::runtime_error that names the file for what is no YAML map, a key, path or component that
// two files define, and a $ref that is not `#/...` or leads to nothing. Blocks on the disk. Used
// when the server is built and by tests, like yaml_json.
nlohmann::ordered_json bundle_openapi(const std::filesystem::path& folder);

}  // namespace fechatter::docs
