#include "fechatter_core/trace_context.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace fechatter {
namespace {

constexpr std::size_t length = 55;  // "00-" 32 "-" 16 "-" 2

// Digits of either case would be one id with two spellings.
bool is_lower_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// REQUIRES: 16 lower-case hexadecimal digits at most.
std::uint64_t hex_number(std::string_view digits) {
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return number;
}

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view text) {
  if (text.size() < length) return std::nullopt;
  const auto version = text.substr(0, 2);
  const auto trace = text.substr(3, 32);
  const auto span = text.substr(36, 16);
  const auto flags = text.substr(53, 2);
  if (text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  if (!is_lower_hex(version) || !is_lower_hex(trace) || !is_lower_hex(span) ||
      !is_lower_hex(flags) || version == "ff") {
    return std::nullopt;
  }
  const bool may_go_on = version != "00" && (text.size() == length || text[length] == '-');
  if (text.size() != length && !may_go_on) return std::nullopt;
  const TraceContext context{hex_number(trace.substr(0, 16)), hex_number(trace.substr(16)),
                             hex_number(span), (hex_number(flags) & 1) != 0};
  if (!context.valid()) return std::nullopt;
  return context;
}

std::string to_traceparent(const TraceContext& context) {
  return fmt::format("00-{:016x}{:016x}-{:016x}-{:02x}", context.trace_high, context.trace_low,
                     context.span, context.sampled ? 1 : 0);
}

std::string trace_id_text(const TraceContext& context) {
  return fmt::format("{:016x}{:016x}", context.trace_high, context.trace_low);
}

std::string span_id_text(std::uint64_t span) {
  return fmt::format("{:016x}", span);
}

}  // namespace fechatter
