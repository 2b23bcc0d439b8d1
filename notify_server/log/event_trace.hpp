#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "fechatter_core/observability/tracer.hpp"

namespace fechatter::notify {

// The trace that an event belongs to, on the event's way from the stream to the connections. Only
// an event of a sampled trace has one. Immutable; any thread.
class EventTrace {
 public:
  // Null unless there is a tracer and `traceparent` names a sampled span. The delivery begins now.
  static std::shared_ptr<const EventTrace> begin(const observability::TracerPtr& tracer,
                                                 const std::string& traceparent);

  EventTrace(observability::TracerPtr tracer, const TraceContext& parent);

  // The event is written, or queued, to so many connections of one shard: a span from the reading
  // of the stream until now.
  void record_delivery(std::size_t connections) const;

 private:
  const observability::TracerPtr tracer_;
  const TraceContext parent_;
  const std::int64_t read_ns_;
};

}  // namespace fechatter::notify
