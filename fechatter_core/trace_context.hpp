#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fechatter {

// A span's place in a trace, as W3C Trace Context (level 1) carries it from process to process:
// https://www.w3.org/TR/trace-context/. A value; {} is the place in no trace.
struct TraceContext {
  std::uint64_t trace_high = 0;  // the 16 bytes of the trace's id
  std::uint64_t trace_low = 0;
  std::uint64_t span = 0;
  bool sampled = false;  // the spans of this trace are recorded

  bool valid() const { return (trace_high != 0 || trace_low != 0) && span != 0; }

  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

// The value of a header `traceparent`. Nothing for a text that is none; a later version of the
// standard is read by the fields of this one, as it demands.
std::optional<TraceContext> parse_traceparent(std::string_view text);
// REQUIRES: it is valid. 55 characters.
std::string to_traceparent(const TraceContext& context);

// In lower-case hexadecimal digits: 32, and 16.
std::string trace_id_text(const TraceContext& context);
std::string span_id_text(std::uint64_t span);

}  // namespace fechatter
