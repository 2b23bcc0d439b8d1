#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace fechatter::docs {

// A YAML document as JSON; keys keep their order. Plain scalars get the types of YAML 1.2's core
// schema (null, true, 12, 0.5), quoted ones stay texts. Throws std::runtime_error that names the
// line, for a key that is no scalar, comes twice or merges (`<<`), and for what is no YAML. Pure.
// Used when the server is built and by tests: the server itself has no YAML to convert.
nlohmann::ordered_json yaml_to_json(const std::string& text);

}  // namespace fechatter::docs
