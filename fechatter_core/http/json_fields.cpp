#include "fechatter_core/http/json_fields.hpp"

#include <algorithm>
#include <limits>

#include "fechatter_core/utf8.hpp"
#include "fechatter_core/whole_number.hpp"

namespace fechatter::http {
namespace {

constexpr std::size_t summarised_max = 3;

std::string element(const std::string& array, std::size_t index) {
  return array + "[" + std::to_string(index) + "]";
}

// Of C0, a text has tabs and line ends only: the others mean nothing in a chat, PostgreSQL cannot
// store NUL, and each takes six bytes in JSON.
bool is_forbidden_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

// A whole number above int64. The parser reads one above uint64 as a fraction without one.
bool is_beyond_numbers(const nlohmann::json& value) {
  if (value.is_number_float()) return value.get<double>() >= 0x1p63;
  return value.is_number_unsigned() && !find_whole_number(value);
}

}  // namespace

void JsonFields::alias(std::string_view name, std::string_view instead) {
  aliases_.emplace_back(name, instead);
  const auto value = body_.find(name);
  const auto other = body_.find(instead);
  const bool both = value != body_.end() && other != body_.end();
  if (both && !value->is_null() && !other->is_null() && *value != *other) {
    reject(instead, "differs from " + std::string{name} + ", which it is an older name of");
  }
}

bool JsonFields::has(std::string_view name) const {
  return find(name).value != nullptr;
}

nlohmann::json JsonFields::value(std::string_view name) const {
  const auto field = find(name);
  return field.value ? *field.value : nlohmann::json{};
}

std::string JsonFields::text(std::string_view name, Length length) {
  if (!has(name)) reject(name, "is required");
  return find_text(name, length).value_or("");
}

std::optional<std::string> JsonFields::find_text(std::string_view name, Length length) {
  const auto field = find(name);
  if (!field.value) return std::nullopt;
  return read_text(field.name, *field.value, length);
}

std::vector<std::string> JsonFields::texts(std::string_view name, std::size_t count_max,
                                           Length length) {
  std::vector<std::string> texts;
  const auto field = find_array(name, count_max);
  for (std::size_t i = 0; field.value && i < field.value->size(); ++i) {
    auto text = read_text(element(field.name, i), (*field.value)[i], length);
    if (text) texts.push_back(std::move(*text));
  }
  return texts;
}

bool JsonFields::flag(std::string_view name, bool fallback) {
  const auto field = find(name);
  if (!field.value) return fallback;
  if (field.value->is_boolean()) return field.value->get<bool>();
  reject(field.name, "must be true or false");
  return fallback;
}

std::optional<std::int64_t> JsonFields::find_number(std::string_view name, std::int64_t min,
                                                    std::int64_t max) {
  const auto field = find(name);
  if (!field.value) return std::nullopt;
  const auto number = find_whole_number(*field.value);
  if (number && *number >= min && *number <= max) return number;
  reject(field.name,
         "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  return std::nullopt;
}

std::optional<std::int64_t> JsonFields::find_limit(std::string_view name) {
  const auto field = find(name);
  if (!field.value) return std::nullopt;
  if (is_beyond_numbers(*field.value)) return std::numeric_limits<std::int64_t>::max();
  const auto number = find_whole_number(*field.value);
  if (number && *number >= 1) return number;
  reject(field.name, "must be a whole number of at least 1");
  return std::nullopt;
}

void JsonFields::reject(std::string_view name, std::string_view detail) {
  errors_.push_back(FieldError{std::string{name}, std::string{detail}});
}

void JsonFields::check() const {
  if (errors_.empty()) return;
  std::string summary;
  for (std::size_t i = 0; i < std::min(errors_.size(), summarised_max); ++i) {
    if (i > 0) summary += "; ";
    summary += errors_[i].field + " " + errors_[i].detail;
  }
  if (errors_.size() > summarised_max) {
    summary += "; and " + std::to_string(errors_.size() - summarised_max) + " more";
  }
  throw Error{ErrorCode::invalid_fields, summary, errors_};
}

JsonFields::Field JsonFields::find(std::string_view name) const {
  const auto find_sent = [&](std::string_view sent) -> const nlohmann::json* {
    const auto found = body_.find(sent);
    return found == body_.end() || found->is_null() ? nullptr : &*found;
  };
  if (const auto* value = find_sent(name)) return {std::string{name}, value};
  for (const auto& [aliased, instead] : aliases_) {
    if (aliased != name) continue;
    if (const auto* value = find_sent(instead)) return {instead, value};
  }
  return {std::string{name}, nullptr};
}

// No value when the field is absent, or when it is no array within the limit.
JsonFields::Field JsonFields::find_array(std::string_view name, std::size_t count_max) {
  auto field = find(name);
  if (!field.value) return field;
  if (!field.value->is_array()) {
    reject(field.name, "must be an array");
    field.value = nullptr;
  } else if (field.value->size() > count_max) {
    reject(field.name, "must have at most " + std::to_string(count_max) + " elements");
    field.value = nullptr;
  }
  return field;
}

std::optional<std::string> JsonFields::read_text(const std::string& name,
                                                 const nlohmann::json& value, Length length) {
  if (!value.is_string()) {
    reject(name, "must be a string");
    return std::nullopt;
  }
  const auto& text = value.get_ref<const std::string&>();
  const auto characters = count_characters(text);
  if (std::any_of(text.begin(), text.end(), is_forbidden_control)) {
    reject(name, "must not contain control characters other than tab and line ends");
  } else if (characters < length.min && characters == 0) {
    reject(name, "must not be empty");
  } else if (characters < length.min) {
    reject(name, "must have at least " + std::to_string(length.min) + " characters");
  } else if (characters > length.max) {
    reject(name, "must have at most " + std::to_string(length.max) + " characters");
  } else {
    return text;
  }
  return std::nullopt;
}

std::optional<std::int64_t> JsonFields::read_id(const std::string& name,
                                                const nlohmann::json& value) {
  const auto number = find_whole_number(value);
  if (number && *number > 0) return number;
  reject(name, "must be a positive whole number");
  return std::nullopt;
}

std::optional<std::int64_t> JsonFields::id_number(std::string_view name) {
  const auto field = find(name);
  return field.value ? read_id(field.name, *field.value) : std::nullopt;
}

std::vector<std::int64_t> JsonFields::id_numbers(std::string_view name, std::size_t count_max) {
  std::vector<std::int64_t> numbers;
  const auto field = find_array(name, count_max);
  for (std::size_t i = 0; field.value && i < field.value->size(); ++i) {
    const auto number = read_id(element(field.name, i), (*field.value)[i]);
    if (number) numbers.push_back(*number);
  }
  return numbers;
}

}  // namespace fechatter::http
