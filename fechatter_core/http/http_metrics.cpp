#include "fechatter_core/http/http_metrics.hpp"

namespace fechatter::http {

void add_http_metrics(observability::Metrics& metrics, const Router& router,
                      const std::function<std::size_t()>& connections) {
  metrics.histogram(
      "fechatter_http_request_duration_seconds",
      "From the head of a request to its response, without the time of the network.",
      [&router](observability::Samples& samples) { router.times().collect(samples); });
  metrics.counter("fechatter_http_rate_limited_total", "Requests that were refused with 429.",
                  router.times().rate_limited());
  metrics.gauge("fechatter_http_connections", "Open connections, without event streams.",
                [connections](observability::Samples& samples) {
                  samples.add(static_cast<double>(connections()));
                });
}

}  // namespace fechatter::http
