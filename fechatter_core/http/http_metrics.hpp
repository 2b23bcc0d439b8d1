#pragma once

#include "fechatter_core/http/listener.hpp"
#include "fechatter_core/observability/metrics.hpp"

namespace fechatter::http {

// Adds the metrics of a listener and its requests. Both outlive `metrics`.
void add_http_metrics(observability::Metrics& metrics, const Router& router,
                      const std::function<std::size_t()>& connections);

}  // namespace fechatter::http
