#pragma once

#include "fechatter_core/observability/metrics.hpp"
#include "notify_server/log/event_consumer.hpp"
#include "notify_server/stream/hub.hpp"

namespace fechatter::notify {

// Adds the metrics of the streams and of what they are fed from; docs/metrics.md describes them.
// Both outlive `metrics`.
void add_stream_metrics(observability::Metrics& metrics, const Hub& hub);
void add_consumer_metrics(observability::Metrics& metrics, const EventConsumer& consumer);

}  // namespace fechatter::notify
