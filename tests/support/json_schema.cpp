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

// One value against one schema. `apply` returns the fields that the schema, and what it is made of,
// describe; only then is known which are left over.
class Check {
 public:
  Check(const json& document, OtherFields other_fields)
      : document_{document}, other_fields_{other_fields} {}

  void value_at(const json& schema, const json& value, const std::string& place) {
    const auto described = apply(schema, value, place);
    if (other_fields_ == OtherFields::allowed || !value.is_object()) return;
    for (const auto& [name, ignored] : value.items()) {
      if (!described.contains(name)) complain(place + "/" + name, "is not described");
    }
  }

  std::vector<std::string> defects;

 private:
  using Rule = void (Check::*)(const json& rule, const json& value, const std::string& place,
                               Names& described);

  Names apply(const json& schema, const json& value, const std::string& place) {
    static const std::map<std::string, Rule> rules{{"$ref", &Check::reference},
                                                   {"type", &Check::type},
                                                   {"enum", &Check::one_of_values},
                                                   {"const", &Check::constant},
                                                   {"required", &Check::required},
                                                   {"properties", &Check::properties},
                                                   {"items", &Check::items},
                                                   {"allOf", &Check::all_of},
                                                   {"anyOf", &Check::any_of},
                                                   {"oneOf", &Check::one_of},
                                                   {"minimum", &Check::minimum},
                                                   {"maximum", &Check::maximum},
                                                   {"minLength", &Check::min_length},
                                                   {"maxLength", &Check::max_length},
                                                   {"minItems", &Check::min_items},
                                                   {"maxItems", &Check::max_items},
                                                   {"pattern", &Check::pattern},
                                                   {"format", &Check::format},
                                                   {"additionalProperties", &Check::additional}};
    static const Names annotations{"description", "examples", "default", "deprecated"};
    Names described;
    for (const auto& [keyword, rule] : schema.items()) {
      const auto found = rules.find(keyword);
      if (found != rules.end()) {
        (this->*found->second)(rule, value, place, described);
      } else if (!annotations.contains(keyword)) {
        complain(place, "the schema has an unknown keyword: " + keyword);
      }
    }
    return described;
  }

  void complain(const std::string& place, const std::string& what) {
    defects.push_back((place.empty() ? "/" : place) + ": " + what);
  }

  void require(bool holds, const json& rule, const std::string& place, const char* keyword) {
    if (!holds) complain(place, fmt::format("breaks {}: {}", keyword, rule.dump()));
  }

  void reference(const json& rule, const json& value, const std::string& place, Names& described) {
    described.merge(apply(resolved(document_, {{"$ref", rule}}), value, place));
  }

  void type(const json& rule, const json& value, const std::string& place, Names&) {
    const auto types = rule.is_array() ? rule : json::array({rule});
    const bool fits = std::any_of(types.begin(), types.end(),
                                  [&](const json& name) { return is_of_type(value, name); });
    require(fits, rule, place, "type");
  }

  void one_of_values(const json& rule, const json& value, const std::string& place, Names&) {
    require(std::find(rule.begin(), rule.end(), value) != rule.end(), rule, place, "enum");
  }

  void constant(const json& rule, const json& value, const std::string& place, Names&) {
    require(value == rule, rule, place, "const");
  }

  void required(const json& rule, const json& value, const std::string& place, Names&) {
    if (!value.is_object()) return;
    for (const auto& name : rule) {
      if (!value.contains(name)) complain(place, "lacks " + name.get<std::string>());
    }
  }

  void properties(const json& rule, const json& value, const std::string& place, Names& described) {
    if (!value.is_object()) return;
    for (const auto& [name, schema] : rule.items()) {
      described.insert(name);
      if (value.contains(name)) value_at(schema, value.at(name), place + "/" + name);
    }
  }

  // True, or a schema of a map, which has no properties beside.
  void additional(const json& rule, const json& value, const std::string& place, Names& described) {
    if (rule != true && !rule.is_object()) {
      complain(place, "the schema has an unknown additionalProperties");
    }
    for (const auto& [name, element] : value.items()) {
      if (rule.is_object()) value_at(rule, element, place + "/" + name);
      described.insert(name);
    }
  }

  void items(const json& rule, const json& value, const std::string& place, Names&) {
    if (!value.is_array()) return;
    for (std::size_t i = 0; i < value.size(); ++i) {
      value_at(rule, value[i], fmt::format("{}/{}", place, i));
    }
  }

  void all_of(const json& rule, const json& value, const std::string& place, Names& described) {
    for (const auto& schema : rule) described.merge(apply(schema, value, place));
  }

  void any_of(const json& rule, const json& value, const std::string& place, Names& described) {
    if (fitting(rule, value, place, described) == 0) complain(place, "fits none of anyOf");
  }

  void one_of(const json& rule, const json& value, const std::string& place, Names& described) {
    const auto count = fitting(rule, value, place, described);
    if (count != 1) complain(place, fmt::format("fits {} of oneOf", count));
  }

  // How many of the schemas fit. When none does, what is wrong by the last of the right type is
  // told, and its fields are no further defects.
  int fitting(const json& schemas, const json& value, const std::string& place, Names& described) {
    int count = 0;
    Names nearly;
    std::vector<std::string> wrong;
    for (const auto& schema : schemas) {
      Check branch{document_, other_fields_};
      auto names = branch.apply(schema, value, place);
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

  void minimum(const json& rule, const json& value, const std::string& place, Names&) {
    if (value.is_number()) require(value >= rule, rule, place, "minimum");
  }

  void maximum(const json& rule, const json& value, const std::string& place, Names&) {
    if (value.is_number()) require(value <= rule, rule, place, "maximum");
  }

  void min_length(const json& rule, const json& value, const std::string& place, Names&) {
    if (value.is_string()) require(characters(value) >= rule, rule, place, "minLength");
  }

  void max_length(const json& rule, const json& value, const std::string& place, Names&) {
    if (value.is_string()) require(characters(value) <= rule, rule, place, "maxLength");
  }

  void min_items(const json& rule, const json& value, const std::string& place, Names&) {
    if (value.is_array()) require(value.size() >= rule, rule, place, "minItems");
  }

  void max_items(const json& rule, const json& value, const std::string& place, Names&) {
    if (value.is_array()) require(value.size() <= rule, rule, place, "maxItems");
  }

  void pattern(const json& rule, const json& value, const std::string& place, Names&) {
    if (value.is_string()) require(matches(value, rule), rule, place, "pattern");
  }

  void format(const json& rule, const json& value, const std::string& place, Names&) {
    static const std::map<std::string, std::string> texts{
        {"uuid", "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"},
        {"email", "^[^@\\s]+@[^@\\s]+$"},
        {"date-time",
         "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[-+]\\d\\d:\\d\\d)$"}};
    if (rule == "int64") return;  // what the parser takes for an integer is one
    const auto known = texts.find(rule.get<std::string>());
    if (known == texts.end()) {
      complain(place, "the schema has an unknown format: " + rule.dump());
    } else if (value.is_string()) {
      require(matches(value, known->second), rule, place, "format");
    }
  }

  const json& document_;
  const OtherFields other_fields_;
};

}  // namespace

std::vector<std::string> schema_defects(const json& document, const json& schema, const json& value,
                                        OtherFields other_fields) {
  Check check{document, other_fields};
  check.value_at(schema, value, "");
  return check.defects;
}

const json& resolved(const json& document, const json& node) {
  if (!node.contains("$ref")) return node;
  const auto target = node.at("$ref").get<std::string>();
  const json::json_pointer pointer{target.substr(1)};
  if (!target.starts_with("#/") || !document.contains(pointer)) {
    throw std::runtime_error{"nothing is at " + target};
  }
  return resolved(document, document.at(pointer));
}

}  // namespace fechatter::test
