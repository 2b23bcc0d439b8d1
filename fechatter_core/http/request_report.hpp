#pragma once

#include <chrono>

#include "fechatter_core/http/router.hpp"

// What a server says of each request: a span of its trace, and a line of its log.
namespace fechatter::http {

// Sets request.span: that of the trace that the caller names in `traceparent`, or of a new one.
// Without a tracer it is the caller's own, so that the log can name the trace.
void begin_report(const Edge& edge, Request& request);

// Of a request that was answered, `took` after its head, or its body, was read. `route`: null:
// none. A span is recorded when the trace is sampled, and of a failure (5xx) in any case. The line
// has no query, and of the path no token; it is at level info when the settings want a line for
// each request, unless it is a probe of the health, else at level debug.
void report(const Edge& edge, const Route* route, const Request& request, int status,
            std::chrono::nanoseconds took);

}  // namespace fechatter::http
