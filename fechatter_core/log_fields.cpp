#include "fechatter_core/log_fields.hpp"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

namespace fechatter {
namespace {

thread_local const LogFields* innermost = nullptr;

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

std::string json_quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace fechatter
