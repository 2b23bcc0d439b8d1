#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

namespace fechatter {

// The value as an int64; nullopt when it is no whole number or out of range. (nlohmann's get() cuts
// fractions off, wraps values beyond int64, and is undefined for 1e300.) Pure; any thread.
inline std::optional<std::int64_t> find_whole_number(const nlohmann::json& value) {
  if (!value.is_number_integer()) return std::nullopt;
  constexpr std::uint64_t max = std::numeric_limits<std::int64_t>::max();
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > max) return std::nullopt;
  return value.get<std::int64_t>();
}

}  // namespace fechatter
