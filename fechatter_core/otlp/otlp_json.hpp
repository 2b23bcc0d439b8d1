#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fechatter_core/observability/tracer.hpp"

namespace fechatter::otlp {

// The body of an ExportTraceServiceRequest in the JSON of OTLP 1.x: ids in hexadecimal digits,
// 64-bit numbers as strings. A byte of a text that is not UTF-8 is replaced.
std::string to_otlp_json(const std::vector<observability::Span>& spans,
                         const std::vector<std::pair<std::string, std::string>>& resource);

}  // namespace fechatter::otlp
