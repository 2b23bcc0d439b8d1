#include "fechatter_core/http/accept.hpp"

#include "fechatter_core/http/syntax.hpp"

namespace fechatter::http {
namespace {

// "0", "0.", "0.000"
bool is_zero_quality(std::string_view value) {
  return value.starts_with('0') && value.find_first_not_of("0.") == std::string_view::npos;
}

// Whether the parameters behind a media type have a quality of 0.
bool are_refusing(std::string_view parameters) {
  while (!parameters.empty()) {
    auto value = trimmed(take_until(parameters, ';'));
    const auto name = trimmed(take_until(value, '='));
    if (equals_ignoring_case(name, "q")) return is_zero_quality(trimmed(value));
  }
  return false;
}

}  // namespace

bool accepts(const Request& request, std::string_view media_type) {
  for (const auto& [name, value] : request.headers) {
    if (name != "accept") continue;
    std::string_view list{value};
    while (!list.empty()) {
      auto range = take_until(list, ',');
      const auto type = trimmed(take_until(range, ';'));
      if (equals_ignoring_case(type, media_type)) return !are_refusing(range);
    }
  }
  return false;
}

}  // namespace fechatter::http
