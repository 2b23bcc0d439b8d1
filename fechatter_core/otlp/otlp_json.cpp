#include "fechatter_core/otlp/otlp_json.hpp"

#include <fmt/format.h>

#include <iterator>

#include "fechatter_core/log_fields.hpp"

// Written piece by piece: an object for each attribute would cost more than the work that a span
// describes.
namespace fechatter::otlp {
namespace {

using observability::Span;

constexpr std::string_view failed_status = R"(,"status":{"code":2})";

class Writer {
 public:
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }
  void separate() {
    if (!text_.empty() && text_.back() != '[') text_ += ',';
  }
  void add_attribute(std::string_view name, const std::string& text) {
    separate();
    add(R"({{"key":{},"value":{{"stringValue":{}}}}})", json_quoted(name), json_quoted(text));
  }
  void add_attribute(std::string_view name, std::int64_t number) {
    separate();
    add(R"({{"key":{},"value":{{"intValue":"{}"}}}})", json_quoted(name), number);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void add_span(Writer& json, const Span& span) {
  json.separate();
  json.add(R"({{"traceId":"{}","spanId":"{}",)", trace_id_text(span.context),
           span_id_text(span.context.span));
  if (span.parent != 0) json.add(R"("parentSpanId":"{}",)", span_id_text(span.parent));
  json.add(R"("name":{},"kind":{},"startTimeUnixNano":"{}","endTimeUnixNano":"{}",)",
           json_quoted(span.name), static_cast<int>(span.kind), span.start_ns, span.end_ns);
  json.add("\"attributes\":[");
  for (const auto& [name, value] : span.attributes) {
    std::visit([&json, name = name](const auto& held) { json.add_attribute(name, held); }, value);
  }
  json.add("]{}}}", span.failed ? failed_status : std::string_view{});
}

}  // namespace

std::string to_otlp_json(const std::vector<Span>& spans,
                         const std::vector<std::pair<std::string, std::string>>& resource) {
  Writer json;
  json.add(R"({{"resourceSpans":[{{"resource":{{"attributes":[)");
  for (const auto& [name, value] : resource) json.add_attribute(name, value);
  json.add(R"(]}},"scopeSpans":[{{"scope":{{"name":"fechatter","version":{}}},"spans":[)",
           json_quoted(FECHATTER_VERSION));
  for (const auto& span : spans) add_span(json, span);
  json.add("]}}]}}]}}");
  return json.take();
}

}  // namespace fechatter::otlp
