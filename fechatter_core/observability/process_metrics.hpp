#pragma once

#include "fechatter_core/observability/metrics.hpp"

namespace fechatter::observability {

// Adds what every process has: `fechatter_build_info`, the lines of its log by level, and memory,
// processor time, descriptors and threads under the names that all exporters of Prometheus use.
void add_process_metrics(Metrics& metrics);

}  // namespace fechatter::observability
