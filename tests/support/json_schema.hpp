#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace fechatter::test {

// What a schema says of fields that it does not describe.
enum class OtherFields {
  allowed,  // as JSON Schema has it: what a client sends
  refused,  // unless the schema says `additionalProperties: true`: what we answer
};

// What is wrong with `value`, each with the place where it is; empty when nothing is. Knows what
// docs/openapi uses of JSON Schema 2020-12, and takes any other keyword or format for a defect
// of the schema: nothing is passed over in silence. References are resolved in `document`.
std::vector<std::string> schema_defects(const nlohmann::json& document,
                                        const nlohmann::json& schema, const nlohmann::json& value,
                                        OtherFields other_fields);

// `node`, or what it refers to. Throws std::runtime_error when that does not exist.
const nlohmann::json& resolved(const nlohmann::json& document, const nlohmann::json& node);

}  // namespace fechatter::test
