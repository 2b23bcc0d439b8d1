#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace fechatter::test {

// Whether a value may have fields that its schema does not describe.
enum class OtherFields {
  allowed,  // the rule of JSON Schema, for request bodies
  refused,  // for responses, unless the schema says `additionalProperties: true`
};

// The defects of `value`, each with its JSON pointer; empty when the value fits the schema.
// Supports the subset of JSON Schema 2020-12 that the API description uses; any other keyword or
// format is reported as a defect of the schema. References are resolved in `document`.
std::vector<std::string> schema_defects(const nlohmann::json& document,
                                        const nlohmann::json& schema, const nlohmann::json& value,
                                        OtherFields other_fields);

// `node`, or the target of its $ref. Throws std::runtime_error when the target does not exist.
const nlohmann::json& resolved(const nlohmann::json& document, const nlohmann::json& node);

}  // namespace fechatter::test
