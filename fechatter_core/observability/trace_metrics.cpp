#include "fechatter_core/observability/trace_metrics.hpp"

namespace fechatter::observability {

void add_trace_metrics(Metrics& metrics, const TracerPtr& tracer) {
  metrics.counter("fechatter_trace_spans_exported_total", "Spans that the collector has taken.",
                  [tracer](Samples& samples) {
                    samples.add(tracer ? static_cast<double>(tracer->exported().value()) : 0);
                  });
  metrics.counter("fechatter_trace_spans_dropped_total",
                  "Spans that found the queue full, or that the collector did not take in time.",
                  [tracer](Samples& samples) {
                    samples.add(tracer ? static_cast<double>(tracer->dropped().value()) : 0);
                  });
}

}  // namespace fechatter::observability
