#include "fechatter_server/columns.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace fechatter::server {

Timestamp to_time(const pqxx::field& micros) {
  return from_unix_micros(micros.as<std::int64_t>());
}

std::optional<Timestamp> find_time(const pqxx::field& micros) {
  return micros.is_null() ? std::nullopt : std::optional{to_time(micros)};
}

std::optional<std::string> find_text(const pqxx::field& field) {
  return field.is_null() ? std::nullopt : std::optional{field.as<std::string>()};
}

std::vector<std::int64_t> to_numbers(const pqxx::field& json_array) {
  if (json_array.is_null()) return {};
  return nlohmann::json::parse(json_array.c_str()).get<std::vector<std::int64_t>>();
}

void throw_unknown(std::string_view what, std::string_view text) {
  throw std::runtime_error{"unknown " + std::string{what} + ": " + std::string{text}};
}

}  // namespace fechatter::server
