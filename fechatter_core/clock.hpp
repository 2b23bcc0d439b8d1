#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace fechatter {

// A point in time with the resolution of PostgreSQL.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

Timestamp now();

// RFC 3339 in UTC with six decimals: 2026-01-31T09:08:07.000000Z.
std::string to_rfc3339(Timestamp moment);
// RFC 3339 with any offset from UTC; digits beyond microseconds are cut off.
std::optional<Timestamp> parse_rfc3339(std::string_view text);
// The beginning of a day, "2026-01-31", in UTC.
std::optional<Timestamp> parse_day(std::string_view text);

Timestamp from_unix_micros(std::int64_t micros);
std::int64_t to_unix_micros(Timestamp moment);

}  // namespace fechatter
