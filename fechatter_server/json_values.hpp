#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/json_size.hpp"
#include "fechatter_core/model/ids.hpp"

// From values to JSON as the API spells them. The JSON of a noun is made in
// <noun>/<noun>_json.hpp.
namespace fechatter::server {

template <class T>
nlohmann::json or_null(const std::optional<T>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json{};
}

inline nlohmann::json or_null(const std::optional<Timestamp>& moment) {
  return moment ? nlohmann::json(to_rfc3339(*moment)) : nlohmann::json{};
}

template <class Tag>
nlohmann::json or_null(const std::optional<Id<Tag>>& id) {
  return id ? nlohmann::json(id->value) : nlohmann::json{};
}

template <class Tag>
nlohmann::json to_json(const std::vector<Id<Tag>>& ids) {
  auto list = nlohmann::json::array();
  for (const auto id : ids) list.push_back(id.value);
  return list;
}

// The bytes of that array.
template <class Tag>
std::size_t json_size(const std::vector<Id<Tag>>& ids) {
  auto size = 2 + (ids.empty() ? 0 : ids.size() - 1);
  for (const auto id : ids) size += std::to_string(id.value).size();
  return size;
}

inline std::size_t json_size_or_null(const std::optional<std::string>& text) {
  return text ? fechatter::json_size(*text) : std::size_t{4};
}

}  // namespace fechatter::server
