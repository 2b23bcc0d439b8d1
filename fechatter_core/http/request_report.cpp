#include "fechatter_core/http/request_report.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "fechatter_core/http/failure.hpp"

namespace fechatter::http {
namespace {

using observability::Span;
using observability::SpanKind;

constexpr int first_failure = 500;

TraceContext caller_of(const Request& request) {
  const auto* header = request.find_header("traceparent");
  return header == nullptr ? TraceContext{} : parse_traceparent(*header).value_or(TraceContext{});
}

bool is_probe(const Request& request) {
  return request.path.starts_with("/health");
}

// A name has few values: those of the routes, by their patterns.
std::string name_of(const Route* route, const Request& request) {
  const auto method = to_string(request.method);
  return route && !route->path.empty() ? fmt::format("{} {}", method, route->path)
                                       : std::string{method};
}

// The names are those of OpenTelemetry's semantic conventions for HTTP.
void record_span(observability::Tracer& tracer, const Route* route, const Request& request,
                 int status) {
  const auto& open = request.span;
  const bool failed = status >= first_failure;
  if (!open.context.sampled && !failed) return;
  Span span{open.context,     open.parent,
            SpanKind::server, name_of(route, request),
            open.start_ns,    observability::now_ns()};
  span.attributes = {{"http.request.method", std::string{to_string(request.method)}},
                     {"http.response.status_code", std::int64_t{status}},
                     {"fechatter.request_id", request.id}};
  if (route) span.attributes.emplace_back("http.route", std::string{route->path});
  if (failed) span.attributes.emplace_back("error.type", std::to_string(status));
  span.failed = failed;
  tracer.record(std::move(span));
}

void add_fields(LogFields& fields, const Route* route, const Request& request, int status,
                double milliseconds) {
  add_log_fields(fields, request);
  if (route) fields.add("route", route->path);
  fields.add("status", std::int64_t{status}).add_number("milliseconds", milliseconds);
}

void log_request(bool wanted, const Route* route, const Request& request, int status,
                 std::chrono::nanoseconds took) {
  const auto level = wanted && !is_probe(request) ? spdlog::level::info : spdlog::level::debug;
  if (!spdlog::should_log(level)) return;
  const auto milliseconds = std::chrono::duration<double, std::milli>{took}.count();
  LogFields fields;
  add_fields(fields, route, request, status, milliseconds);
  spdlog::log(level, "{} {} {} {} {:.1f} ms", request.id, to_string(request.method),
              printable_path(request), status, milliseconds);
}

}  // namespace

void begin_report(const Edge& edge, Request& request) {
  const auto caller = caller_of(request);
  request.span = edge.tracer ? edge.tracer->begin(caller) : observability::OpenSpan{caller, 0, 0};
}

void report(const Edge& edge, const Route* route, const Request& request, int status,
            std::chrono::nanoseconds took) {
  if (edge.tracer) record_span(*edge.tracer, route, request, status);
  log_request(edge.log_requests, route, request, status, took);
}

}  // namespace fechatter::http
