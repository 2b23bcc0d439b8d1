#include "tests/support/json_schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <stdexcept>

namespace fechatter::test {
namespace {

using nlohmann::json;
using Names = std::set<std::string>;

bool is_of_type(const json& value, const std::string& type) {
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  return type == value.type_name();
}

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) >> 6) != 2; }));
}

bool matches(const std::string& text, const std::string& pattern) {
  return std::regex_search(text, std::regex{pattern});
}

// Checks one value against one schema. `apply` returns the fields that the schema and its
// subschemas describe; every other field of the value is undescribed.
class SchemaCheck {
 public:
  SchemaCheck(const json& document, OtherFields other_fields)
      : document_{document}, other_fields_{other_fields} {}

  void value_at(const json& schema, const json& value, const std::string& path) {
    const auto described = apply(schema, value, path);
    if (other_fields_ == OtherFields::allowed || !value.is_object()) return;
    for (const auto& [name, ignored] : value.items()) {
      if (!described.contains(name)) add_defect(path + "/" + name, "is not described");
    }
  }

  std::vector<std::string> defects;

 private:
  using Rule = void (SchemaCheck::*)(const json& rule, const json& value, const std::string& path,
                                     Names& described);

  Names apply(const json& schema, const json& value, const std::string& path) {
    static const std::map<std::string, Rule> rules{
        {"$ref", &SchemaCheck::reference},
        {"type", &SchemaCheck::type},
        {"enum", &SchemaCheck::one_of_values},
        {"const", &SchemaCheck::constant},
        {"required", &SchemaCheck::required},
        {"properties", &SchemaCheck::properties},
        {"items", &SchemaCheck::items},
        {"allOf", &SchemaCheck::all_of},
        {"anyOf", &SchemaCheck::any_of},
        {"oneOf", &SchemaCheck::one_of},
        {"minimum", &SchemaCheck::minimum},
        {"maximum", &SchemaCheck::maximum},
        {"minLength", &SchemaCheck::min_length},
        {"maxLength", &SchemaCheck::max_length},
        {"minItems", &SchemaCheck::min_items},
        {"maxItems", &SchemaCheck::max_items},
        {"pattern", &SchemaCheck::pattern},
        {"format", &SchemaCheck::format},
        {"additionalProperties", &SchemaCheck::additional}};
    static const Names annotations{"description", "examples", "default", "deprecated",
                                   "contentMediaType"};
    Names described;
    for (const auto& [keyword, rule] : schema.items()) {
      const auto found = rules.find(keyword);
      if (found != rules.end()) {
        (this->*found->second)(rule, value, path, described);
      } else if (!annotations.contains(keyword)) {
        add_defect(path, "the schema has an unknown keyword: " + keyword);
      }
    }
    return described;
  }

  void add_defect(const std::string& path, const std::string& what) {
    defects.push_back((path.empty() ? "/" : path) + ": " + what);
  }

  void require(bool holds, const json& rule, const std::string& path, const char* keyword) {
    if (!holds) add_defect(path, fmt::format("breaks {}: {}", keyword, rule.dump()));
  }

  void reference(const json& rule, const json& value, const std::string& path, Names& described) {
    described.merge(apply(resolved(document_, {{"$ref", rule}}), value, path));
  }

  void type(const json& rule, const json& value, const std::string& path, Names&) {
    const auto types = rule.is_array() ? rule : json::array({rule});
    const bool fits = std::any_of(types.begin(), types.end(),
                                  [&](const json& name) { return is_of_type(value, name); });
    require(fits, rule, path, "type");
  }

  void one_of_values(const json& rule, const json& value, const std::string& path, Names&) {
    require(std::find(rule.begin(), rule.end(), value) != rule.end(), rule, path, "enum");
  }

  void constant(const json& rule, const json& value, const std::string& path, Names&) {
    require(value == rule, rule, path, "const");
  }

  void required(const json& rule, const json& value, const std::string& path, Names&) {
    if (!value.is_object()) return;
    for (const auto& name : rule) {
      if (!value.contains(name)) add_defect(path, "lacks " + name.get<std::string>());
    }
  }

  void properties(const json& rule, const json& value, const std::string& path, Names& described) {
    if (!value.is_object()) return;
    for (const auto& [name, schema] : rule.items()) {
      described.insert(name);
      if (value.contains(name)) value_at(schema, value.at(name), path + "/" + name);
    }
  }

  // Either `true`, or the schema of the values of a map without other properties.
  void additional(const json& rule, const json& value, const std::string& path, Names& described) {
    if (rule != true && !rule.is_object()) {
      add_defect(path, "the schema has an unknown additionalProperties");
    }
    for (const auto& [name, element] : value.items()) {
      if (rule.is_object()) value_at(rule, element, path + "/" + name);
      described.insert(name);
    }
  }

  void items(const json& rule, const json& value, const std::string& path, Names&) {
    if (!value.is_array()) return;
    for (std::size_t i = 0; i < value.size(); ++i) {
      value_at(rule, value[i], fmt::format("{}/{}", path, i));
    }
  }

  void all_of(const json& rule, const json& value, const std::string& path, Names& described) {
    for (const auto& schema : rule) described.merge(apply(schema, value, path));
  }

  void any_of(const json& rule, const json& value, const std::string& path, Names& described) {
    if (fitting(rule, value, path, described) == 0) add_defect(path, "fits none of anyOf");
  }

  void one_of(const json& rule, const json& value, const std::string& path, Names& described) {
    const auto count = fitting(rule, value, path, described);
    if (count != 1) add_defect(path, fmt::format("fits {} of oneOf", count));
  }

  // The number of schemas that the value fits. If it fits none, the defects are those against the
  // last schema of the right type, whose fields then count as described.
  int fitting(const json& schemas, const json& value, const std::string& path, Names& described) {
    int count = 0;
    Names nearly;
    std::vector<std::string> wrong;
    for (const auto& schema : schemas) {
      SchemaCheck branch{document_, other_fields_};
      auto names = branch.apply(schema, value, path);
      if (branch.defects.empty()) {
        ++count;
        described.merge(names);
      } else if (branch.defects[0].find("breaks type") == std::string::npos) {
        wrong = std::move(branch.defects);
        nearly = std::move(names);
      }
    }
    if (count == 0) {
      defects.insert(defects.end(), wrong.begin(), wrong.end());
      described.merge(nearly);
    }
    return count;
  }

  // The library compares a number above int64 as a negative one.
  static double number(const json& value) { return value.get<double>(); }
  void minimum(const json& rule, const json& value, const std::string& path, Names&) {
    if (value.is_number()) require(number(value) >= number(rule), rule, path, "minimum");
  }

  void maximum(const json& rule, const json& value, const std::string& path, Names&) {
    if (value.is_number()) require(number(value) <= number(rule), rule, path, "maximum");
  }

  void min_length(const json& rule, const json& value, const std::string& path, Names&) {
    if (value.is_string()) require(characters(value) >= rule, rule, path, "minLength");
  }

  void max_length(const json& rule, const json& value, const std::string& path, Names&) {
    if (value.is_string()) require(characters(value) <= rule, rule, path, "maxLength");
  }

  void min_items(const json& rule, const json& value, const std::string& path, Names&) {
    if (value.is_array()) require(value.size() >= rule, rule, path, "minItems");
  }

  void max_items(const json& rule, const json& value, const std::string& path, Names&) {
    if (value.is_array()) require(value.size() <= rule, rule, path, "maxItems");
  }

  void pattern(const json& rule, const json& value, const std::string& path, Names&) {
    if (value.is_string()) require(matches(value, rule), rule, path, "pattern");
  }

  void format(const json& rule, const json& value, const std::string& path, Names&) {
    static const std::map<std::string, std::string> texts{
        {"uuid", "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"},
        {"email", "^[^@\\s]+@[^@\\s]+$"},
        {"date", "^\\d{4}-\\d\\d-\\d\\d$"},
        {"idn-email", "^[^@\\s]+@[^@\\s]+$"},
        {"date-time",
         "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[-+]\\d\\d:\\d\\d)$"}};
    // The parser accepts nothing longer as an integer; any bytes are binary.
    if (rule == "int64" || rule == "binary") return;
    const auto known = texts.find(rule.get<std::string>());
    if (known == texts.end()) {
      add_defect(path, "the schema has an unknown format: " + rule.dump());
    } else if (value.is_string()) {
      require(matches(value, known->second), rule, path, "format");
    }
  }

  const json& document_;
  const OtherFields other_fields_;
};

}  // namespace

std::vector<std::string> schema_defects(const json& document, const json& schema, const json& value,
                                        OtherFields other_fields) {
  SchemaCheck check{document, other_fields};
  check.value_at(schema, value, "");
  return check.defects;
}

const json& resolved(const json& document, const json& node) {
  if (!node.contains("$ref")) return node;
  const auto target = node.at("$ref").get<std::string>();
  const json::json_pointer pointer{target.substr(1)};
  if (!target.starts_with("#/") || !document.contains(pointer)) {
    throw std::runtime_error{"unresolved reference " + target};
  }
  return resolved(document, document.at(pointer));
}

}  // namespace fechatter::test
