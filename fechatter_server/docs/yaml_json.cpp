#include "fechatter_server/docs/yaml_json.hpp"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <string_view>

namespace fechatter::docs {
namespace {

using nlohmann::ordered_json;

[[noreturn]] void refuse(const YAML::Mark& mark, const std::string& what) {
  throw std::runtime_error{"line " + std::to_string(mark.line + 1) + ": " + what};
}

// All of `text` as a number of that kind.
template <class Number>
bool reads_as(std::string_view text, Number& number) {
  const auto* end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && last == end;
}

// https://yaml.org/spec/1.2.2/#1032-tag-resolution, without octal and hexadecimal numbers.
ordered_json plain_scalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null") return nullptr;
  if (text == "true" || text == "false") return text == "true";
  // from_chars knows no '+', but "inf" and "nan".
  std::string_view digits{text};
  if (digits.starts_with('+') && !digits.starts_with("+-")) digits.remove_prefix(1);
  if (digits.find_first_not_of("+-.eE0123456789") != std::string_view::npos) return text;
  std::int64_t whole = 0;
  if (reads_as(digits, whole)) return whole;
  double real = 0;
  if (reads_as(digits, real)) return real;
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
