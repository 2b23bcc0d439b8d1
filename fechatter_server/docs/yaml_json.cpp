#include "fechatter_server/docs/yaml_json.hpp"

#include <yaml-cpp/yaml.h>

#include <regex>
#include <stdexcept>

namespace fechatter::docs {
namespace {

using nlohmann::ordered_json;

[[noreturn]] void refuse(const YAML::Mark& mark, const std::string& what) {
  throw std::runtime_error{"line " + std::to_string(mark.line + 1) + ": " + what};
}

// https://yaml.org/spec/1.2.2/#1032-tag-resolution, without octal and hexadecimal numbers.
ordered_json plain_scalar(const std::string& text) {
  static const std::regex whole{"[-+]?[0-9]+"};
  static const std::regex real{R"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)"};
  if (text.empty() || text == "~" || text == "null") return nullptr;
  if (text == "true" || text == "false") return text == "true";
  if (std::regex_match(text, whole)) return std::stoll(text);
  if (std::regex_match(text, real)) return std::stod(text);
  return text;
}

ordered_json to_json(const YAML::Node& node);

ordered_json to_object(const YAML::Node& node) {
  auto object = ordered_json::object();
  for (const auto& entry : node) {
    if (!entry.first.IsScalar()) refuse(entry.first.Mark(), "a key must be a text");
    const auto& key = entry.first.Scalar();
    if (key == "<<") refuse(entry.first.Mark(), "merging is not supported");
    if (object.contains(key)) refuse(entry.first.Mark(), "this key comes twice: " + key);
    object[key] = to_json(entry.second);
  }
  return object;
}

ordered_json to_json(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Map: return to_object(node);
    case YAML::NodeType::Sequence: {
      auto list = ordered_json::array();
      for (const auto& element : node) list.push_back(to_json(element));
      return list;
    }
    case YAML::NodeType::Scalar:
      if (node.Tag() == "?") return plain_scalar(node.Scalar());
      return node.Scalar();
    case YAML::NodeType::Null:
    case YAML::NodeType::Undefined: return nullptr;
  }
  return nullptr;
}

}  // namespace

ordered_json yaml_to_json(const std::string& text) {
  try {
    return to_json(YAML::Load(text));
  } catch (const YAML::Exception& error) {
    refuse(error.mark, error.msg);
  }
}

}  // namespace fechatter::docs
