#pragma once

#include <cstdint>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/model/ids.hpp"

// From the columns of a row to values. The rows of a noun are read in <noun>/<noun>_rows.hpp, which
// finds columns by name.
namespace fechatter::server {

template <class IdType>
IdType to_id(const pqxx::field& field) {
  return IdType{field.as<std::int64_t>()};
}
template <class IdType>
std::optional<IdType> find_id(const pqxx::field& field) {
  return field.is_null() ? std::nullopt : std::optional{to_id<IdType>(field)};
}
Timestamp to_time(const pqxx::field& micros);
std::optional<Timestamp> find_time(const pqxx::field& micros);
std::optional<std::string> find_text(const pqxx::field& field);

// Of a JSON array of numbers; empty for NULL.
std::vector<std::int64_t> to_numbers(const pqxx::field& json_array);
template <class IdType>
std::vector<IdType> to_ids(const pqxx::field& json_array) {
  std::vector<IdType> ids;
  for (const auto number : to_numbers(json_array)) ids.push_back(IdType{number});
  return ids;
}

// For a text that SQL answers and this program does not know. Throws std::runtime_error.
[[noreturn]] void throw_unknown(std::string_view what, std::string_view text);

}  // namespace fechatter::server
