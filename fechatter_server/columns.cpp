#include "fechatter_server/columns.hpp"

#include <charconv>
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
  std::vector<std::int64_t> numbers;
  if (json_array.is_null()) return numbers;
  const std::string_view text{json_array.c_str(), json_array.size()};
  if (!text.starts_with('[') || !text.ends_with(']')) throw_unknown("array of numbers", text);
  const auto* at = text.data() + 1;
  const auto* const end = text.data() + text.size() - 1;
  while (at != end) {
    const auto [last, error] = std::from_chars(at, end, numbers.emplace_back());
    if (error != std::errc{} || (last != end && *last != ',')) {
      throw_unknown("array of numbers", text);
    }
    at = last == end ? end : last + 1;
    while (at != end && *at == ' ') ++at;
  }
  return numbers;
}

void throw_unknown(std::string_view what, std::string_view text) {
  throw std::runtime_error{"unknown " + std::string{what} + ": " + std::string{text}};
}

}  // namespace fechatter::server
