#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fechatter_core/observability/tracer.hpp"

// Traces go to a collector by OTLP over HTTP, as JSON (https://opentelemetry.io/docs/specs/otlp/).
namespace fechatter::otlp {

// What the standard's variables say: OTEL_SDK_DISABLED, OTEL_SERVICE_NAME,
// OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_EXPORTER, OTEL_TRACES_SAMPLER(_ARG), OTEL_BSP_…, and
// OTEL_EXPORTER_OTLP_… with OTEL_EXPORTER_OTLP_TRACES_….
// Names, defaults and meanings: https://opentelemetry.io/docs/specs/otel/configuration/
struct Settings {
  // Unlike the standard's default, nothing is sent unless a variable names an endpoint or the
  // exporter: a system without a collector should not look for one.
  bool enabled = false;
  std::string url = {};                   // of traces, with its path
  std::vector<std::string> headers = {};  // "Name: value"; secret
  std::string ca_file = {};
  std::chrono::milliseconds timeout{10'000};  // of an export with its repetitions
  std::vector<std::pair<std::string, std::string>> resource = {};
  std::chrono::milliseconds schedule_delay{5'000};
  observability::Tracer::Settings tracer = {};
};

// Throws ConfigError, which names the variable and not its value.
Settings read_settings(const std::map<std::string, std::string>& environment,
                       const std::string& service);

}  // namespace fechatter::otlp
