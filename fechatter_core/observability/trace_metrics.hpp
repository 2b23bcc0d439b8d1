#pragma once

#include "fechatter_core/observability/metrics.hpp"
#include "fechatter_core/observability/tracer.hpp"

namespace fechatter::observability {

// The spans that left the process, and those that did not. `tracer`: null: tracing is off, and both
// stay 0.
void add_trace_metrics(Metrics& metrics, const TracerPtr& tracer);

}  // namespace fechatter::observability
