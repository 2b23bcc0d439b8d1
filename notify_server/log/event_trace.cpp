#include "notify_server/log/event_trace.hpp"

namespace fechatter::notify {

std::shared_ptr<const EventTrace> EventTrace::begin(const observability::TracerPtr& tracer,
                                                    const std::string& traceparent) {
  if (!tracer || traceparent.empty()) return nullptr;
  const auto parent = parse_traceparent(traceparent);
  if (!parent || !parent->sampled) return nullptr;
  return std::make_shared<EventTrace>(tracer, *parent);
}

EventTrace::EventTrace(observability::TracerPtr tracer, const TraceContext& parent)
    : tracer_{std::move(tracer)}, parent_{parent}, read_ns_{observability::now_ns()} {}

void EventTrace::record_delivery(std::size_t connections) const {
  const auto span = observability::Tracer::begin_child(parent_);
  tracer_->record({span.context,
                   span.parent,
                   observability::SpanKind::consumer,
                   "deliver event",
                   read_ns_,
                   observability::now_ns(),
                   {{"messaging.system", "nats"},
                    {"fechatter.connections", static_cast<std::int64_t>(connections)}}});
}

}  // namespace fechatter::notify
