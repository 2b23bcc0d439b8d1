#include "fechatter_core/clock.hpp"

#include <fmt/format.h>

namespace fechatter {
namespace {

// Reads a time from the front of a text. After the first mismatch good() stays false.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_{text} {}

  bool good() const { return good_; }
  bool at_end() const { return rest_.empty(); }

  // A number of exactly `digits` digits, at most `max`.
  int number(std::size_t digits, int max) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) value = value * 10 + digit();
    good_ = good_ && value <= max;
    return good_ ? value : 0;
  }

  void expect(std::string_view any_of) {
    good_ = good_ && !rest_.empty() && any_of.find(rest_.front()) != std::string_view::npos;
    if (good_) rest_.remove_prefix(1);
  }

  bool take(char c) {
    if (!good_ || !rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool next_is_digit() const {
    return good_ && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
  }

 private:
  int digit() {
    good_ = next_is_digit();
    if (!good_) return 0;
    const int value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }

  std::string_view rest_;
  bool good_ = true;
};

std::optional<Timestamp> read_day(Reader& reader) {
  const int year = reader.number(4, 9999);
  reader.expect("-");
  const auto month = static_cast<unsigned>(reader.number(2, 12));
  reader.expect("-");
  const auto day = static_cast<unsigned>(reader.number(2, 31));
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (!reader.good() || !date.ok()) return std::nullopt;
  return Timestamp{std::chrono::sys_days{date}};
}

std::chrono::microseconds read_time(Reader& reader) {
  std::chrono::microseconds time = std::chrono::hours{reader.number(2, 23)};
  reader.expect(":");
  time += std::chrono::minutes{reader.number(2, 59)};
  reader.expect(":");
  time += std::chrono::seconds{reader.number(2, 60)};
  if (!reader.take('.')) return time;
  int unit = 100'000;
  do {
    time += std::chrono::microseconds{reader.number(1, 9) * unit};
    unit /= 10;
  } while (reader.next_is_digit());
  return time;
}

// East of UTC.
std::chrono::minutes read_offset(Reader& reader) {
  if (reader.take('Z') || reader.take('z')) return std::chrono::minutes{0};
  const bool west = reader.take('-');
  if (!west) reader.expect("+");
  std::chrono::minutes offset = std::chrono::hours{reader.number(2, 23)};
  reader.expect(":");
  offset += std::chrono::minutes{reader.number(2, 59)};
  return west ? -offset : offset;
}

}  // namespace

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

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  Reader reader{text};
  const auto day = read_day(reader);
  if (!day) return std::nullopt;
  reader.expect("Tt");
  const auto time = read_time(reader);
  const auto offset = read_offset(reader);
  if (!reader.good() || !reader.at_end()) return std::nullopt;
  return *day + time - offset;
}

std::optional<Timestamp> parse_day(std::string_view text) {
  Reader reader{text};
  const auto day = read_day(reader);
  return reader.at_end() ? day : std::nullopt;
}

Timestamp from_unix_micros(std::int64_t micros) {
  return Timestamp{std::chrono::microseconds{micros}};
}

std::int64_t to_unix_micros(Timestamp moment) {
  return moment.time_since_epoch().count();
}

}  // namespace fechatter
