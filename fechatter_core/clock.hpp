#pragma once

#include <chrono>
#include <string>

namespace fechatter {

// A moment as PostgreSQL keeps it.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

Timestamp now();

// RFC 3339 in UTC with six decimals: 2026-01-31T09:08:07.000000Z.
std::string to_rfc3339(Timestamp moment);

Timestamp from_unix_micros(std::int64_t micros);
std::int64_t to_unix_micros(Timestamp moment);

}  // namespace fechatter
