#include "fechatter_core/log_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

namespace fechatter {
namespace {

thread_local const LogFields* innermost = nullptr;

bool is_plain(char c) {
  return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

}  // namespace

LogFields::LogFields() : outer_{innermost} {
  innermost = this;
}

LogFields::~LogFields() {
  innermost = outer_;
}

LogFields& LogFields::add(std::string_view name, std::string_view text) {
  fmt::format_to(std::back_inserter(members_), ",\"{}\":{}", name, json_quoted(text));
  return *this;
}

LogFields& LogFields::add(std::string_view name, std::int64_t number) {
  fmt::format_to(std::back_inserter(members_), ",\"{}\":{}", name, number);
  return *this;
}

LogFields& LogFields::add_number(std::string_view name, double number) {
  fmt::format_to(std::back_inserter(members_), ",\"{}\":{:.3f}", name, number);
  return *this;
}

std::string_view LogFields::current() {
  return innermost == nullptr ? std::string_view{} : std::string_view{innermost->members_};
}

// Nearly all texts are plain.
std::string json_quoted(std::string_view text) {
  if (std::ranges::all_of(text, is_plain)) return fmt::format("\"{}\"", text);
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace fechatter
