#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fechatter_core/error.hpp"

namespace fechatter::http {

// The limits of a text in characters (code points).
struct Length {
  std::size_t min;
  std::size_t max;
};

// Reads the fields of a request's body and collects their errors, so that one 422 names all of
// them: an invalid field is read as a default value, and check() throws. A field that is null
// counts as absent; unknown fields are ignored. Belongs to one handler.
class JsonFields {
 public:
  // REQUIRES: `body` is an object.
  explicit JsonFields(nlohmann::json body) : body_(std::move(body)) {}  // braces: an array of it

  // Where `name` is absent, `instead` is read in its place; both with different values are an
  // error. Call it before the fields are read.
  void alias(std::string_view name, std::string_view instead);

  bool has(std::string_view name) const;
  // `name`, or the alias that was sent in its place.
  std::string sent_name(std::string_view name) const { return find(name).name; }
  // Whether `name` itself is there, be it null.
  bool is_sent(std::string_view name) const { return body_.contains(name); }

  // A text with a control character (U+0000 to U+001F) other than tab, line feed and carriage
  // return is an error.
  std::string text(std::string_view name, Length length);
  std::optional<std::string> find_text(std::string_view name, Length length);
  // Empty when absent. At most `count_max` elements, each of `length`.
  std::vector<std::string> texts(std::string_view name, std::size_t count_max, Length length);

  bool flag(std::string_view name, bool fallback);
  std::optional<std::int64_t> find_number(std::string_view name, std::int64_t min,
                                          std::int64_t max);
  // How many elements of a list are wanted, 1 at least; a whole number beyond int64 is read as the
  // largest, so that it is cut like others (Request::cut_limit).
  std::optional<std::int64_t> find_limit(std::string_view name);

  // Ids are positive whole numbers.
  template <class IdType>
  IdType id(std::string_view name) {
    if (!has(name)) reject(name, "is required");
    return find_id<IdType>(name).value_or(IdType{});
  }
  template <class IdType>
  std::optional<IdType> find_id(std::string_view name) {
    const auto number = id_number(name);
    return number ? std::optional{IdType{*number}} : std::nullopt;
  }
  // Empty when absent. At most `count_max` elements.
  template <class IdType>
  std::vector<IdType> ids(std::string_view name, std::size_t count_max) {
    std::vector<IdType> ids;
    for (const auto number : id_numbers(name, count_max)) ids.push_back(IdType{number});
    return ids;
  }

  // As it was sent; null where it is absent. For fields that the caller reads itself.
  nlohmann::json value(std::string_view name) const;

  // Adds an error that the caller has found.
  void reject(std::string_view name, std::string_view detail);

  // Throws invalid_fields with all errors so far.
  void check() const;

 private:
  struct Field {
    std::string name;             // as it was sent
    const nlohmann::json* value;  // null: absent
  };

  Field find(std::string_view name) const;
  Field find_array(std::string_view name, std::size_t count_max);
  std::optional<std::string> read_text(const std::string& name, const nlohmann::json& value,
                                       Length length);
  std::optional<std::int64_t> read_id(const std::string& name, const nlohmann::json& value);
  std::optional<std::int64_t> id_number(std::string_view name);
  std::vector<std::int64_t> id_numbers(std::string_view name, std::size_t count_max);

  nlohmann::json body_;
  std::vector<std::pair<std::string, std::string>> aliases_;
  std::vector<FieldError> errors_;
};

}  // namespace fechatter::http
