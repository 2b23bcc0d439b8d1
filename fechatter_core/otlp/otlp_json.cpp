#include "fechatter_core/otlp/otlp_json.hpp"

#include <nlohmann/json.hpp>

namespace fechatter::otlp {
namespace {

using nlohmann::json;
using observability::Span;

constexpr int status_error = 2;

json to_value(const std::string& text) {
  return {{"stringValue", text}};
}

json to_value(std::int64_t number) {
  return {{"intValue", std::to_string(number)}};
}

json to_attribute(const std::string& name, json value) {
  return {{"key", name}, {"value", std::move(value)}};
}

json to_json(const Span& span) {
  json object{{"traceId", trace_id_text(span.context)},
              {"spanId", span_id_text(span.context.span)},
              {"name", span.name},
              {"kind", static_cast<int>(span.kind)},
              {"startTimeUnixNano", std::to_string(span.start_ns)},
              {"endTimeUnixNano", std::to_string(span.end_ns)}};
  if (span.parent != 0) object["parentSpanId"] = span_id_text(span.parent);
  auto& attributes = object["attributes"] = json::array();
  for (const auto& [name, value] : span.attributes) {
    attributes.push_back(
        to_attribute(name, std::visit([](const auto& held) { return to_value(held); }, value)));
  }
  if (span.failed) object["status"] = {{"code", status_error}};
  return object;
}

}  // namespace

std::string to_otlp_json(const std::vector<Span>& spans,
                         const std::vector<std::pair<std::string, std::string>>& resource) {
  auto attributes = json::array();
  for (const auto& [name, value] : resource) {
    attributes.push_back(to_attribute(name, to_value(value)));
  }
  auto list = json::array();
  for (const auto& span : spans) list.push_back(to_json(span));
  const json scope{{"scope", {{"name", "fechatter"}, {"version", FECHATTER_VERSION}}},
                   {"spans", std::move(list)}};
  const json resource_spans{{"resource", {{"attributes", std::move(attributes)}}},
                            {"scopeSpans", json::array({scope})}};
  const json request{{"resourceSpans", json::array({resource_spans})}};
  return request.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace fechatter::otlp
