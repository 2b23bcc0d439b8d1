#include "fechatter_core/clock.hpp"

#include <fmt/format.h>

namespace fechatter {

Timestamp now() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::string to_rfc3339(Timestamp moment) {
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{moment - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

Timestamp from_unix_micros(std::int64_t micros) {
  return Timestamp{std::chrono::microseconds{micros}};
}

std::int64_t to_unix_micros(Timestamp moment) {
  return moment.time_since_epoch().count();
}

}  // namespace fechatter
