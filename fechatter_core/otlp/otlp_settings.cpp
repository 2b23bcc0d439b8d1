#include "fechatter_core/otlp/otlp_settings.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "fechatter_core/config.hpp"
#include "fechatter_core/http/uri.hpp"

namespace fechatter::otlp {
namespace {

using observability::Sampling;
using Pairs = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t header_bytes_max = 8 * 1024;

[[noreturn]] void refuse(std::string_view variable, std::string_view what) {
  throw ConfigError{"environment variable " + std::string{variable} + ": " + std::string{what}};
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// An empty variable is one that is not set, as the standard demands.
class Variables {
 public:
  explicit Variables(const std::map<std::string, std::string>& environment)
      : environment_{environment} {}

  std::optional<std::string> find(const std::string& name) const {
    const auto found = environment_.find(name);
    if (found == environment_.end() || trimmed(found->second).empty()) return std::nullopt;
    return std::string{trimmed(found->second)};
  }

  // OTEL_EXPORTER_OTLP_TRACES_<name>, else OTEL_EXPORTER_OTLP_<name>: the variable and its value.
  std::optional<std::pair<std::string, std::string>> find_exporter(const std::string& name) const {
    for (const auto* prefix : {"OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_"}) {
      if (auto value = find(prefix + name)) return std::pair{prefix + name, std::move(*value)};
    }
    return std::nullopt;
  }

  std::int64_t number(const std::string& name, std::int64_t fallback, std::int64_t min,
                      std::int64_t max) const {
    const auto text = find(name);
    return text ? number_of(name, *text, min, max) : fallback;
  }

  static std::int64_t number_of(const std::string& name, const std::string& text, std::int64_t min,
                                std::int64_t max) {
    std::int64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec != std::errc{} || parsed.ptr != end || value < min || value > max) {
      refuse(name, "a whole number from " + std::to_string(min) + " to " + std::to_string(max) +
                       " is needed");
    }
    return value;
  }

 private:
  const std::map<std::string, std::string>& environment_;
};

// "name=value,name=value", with percent-encoded values (W3C Baggage).
Pairs read_pairs(const std::string& variable, std::string_view text) {
  Pairs pairs;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto entry = trimmed(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (entry.empty()) continue;
    const auto equals = entry.find('=');
    const auto name = trimmed(entry.substr(0, equals));
    if (equals == std::string_view::npos || name.empty()) refuse(variable, "name=value is needed");
    auto value = http::percent_decoded(trimmed(entry.substr(equals + 1)), http::Plus::is_plus);
    if (!value) refuse(variable, "a value is not percent-encoded properly");
    pairs.emplace_back(name, std::move(*value));
  }
  return pairs;
}

bool is_header_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

std::vector<std::string> read_headers(const Variables& variables) {
  const auto found = variables.find_exporter("HEADERS");
  std::vector<std::string> headers;
  if (!found) return headers;
  std::size_t bytes = 0;
  for (const auto& [name, value] : read_pairs(found->first, found->second)) {
    bytes += name.size() + value.size();
    const bool is_name = name.find_first_of(" :\t") == std::string::npos;
    if (!is_name || !is_header_text(name) || !is_header_text(value) || bytes > header_bytes_max) {
      refuse(found->first, "these are no headers");
    }
    headers.push_back(name + ": " + value);
  }
  return headers;
}

std::string read_url(const Variables& variables) {
  constexpr auto base = "OTEL_EXPORTER_OTLP_ENDPOINT";
  constexpr auto exact = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  const auto url = variables.find(exact);
  auto text = url ? *url : variables.find(base).value_or("http://localhost:4318");
  if (!text.starts_with("http://") && !text.starts_with("https://")) {
    refuse(url ? exact : base, "a URL of http or https is needed");
  }
  if (url) return text;
  if (!text.ends_with('/')) text += '/';
  return text + "v1/traces";
}

bool is_enabled(const Variables& variables) {
  if (variables.find("OTEL_SDK_DISABLED") == "true") return false;
  if (const auto exporter = variables.find("OTEL_TRACES_EXPORTER")) {
    if (*exporter == "none") return false;
    if (*exporter != "otlp") refuse("OTEL_TRACES_EXPORTER", "otlp or none is needed");
    return true;
  }
  return variables.find_exporter("ENDPOINT").has_value();
}

double read_ratio(const Variables& variables) {
  constexpr auto variable = "OTEL_TRACES_SAMPLER_ARG";
  const auto text = variables.find(variable);
  if (!text) return 1;
  double ratio = 0;
  const auto* end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, ratio);
  if (parsed.ec != std::errc{} || parsed.ptr != end || !(ratio >= 0 && ratio <= 1)) {
    refuse(variable, "a number from 0 to 1 is needed");
  }
  return ratio;
}

Sampling read_sampling(const Variables& variables) {
  constexpr std::string_view based = "parentbased_";
  constexpr auto variable = "OTEL_TRACES_SAMPLER";
  auto sampler = variables.find(variable).value_or("parentbased_always_on");
  Sampling sampling;
  sampling.parent_based = sampler.starts_with(based);
  if (sampling.parent_based) sampler.erase(0, based.size());
  if (sampler == "always_on") return sampling;
  if (sampler == "always_off") {
    sampling.ratio = 0;
  } else if (sampler == "traceidratio") {
    sampling.ratio = read_ratio(variables);
  } else {
    refuse(variable,
           "always_on, always_off or traceidratio, also with parentbased_ before it, is needed");
  }
  return sampling;
}

void require_protocol(const Variables& variables) {
  const auto found = variables.find_exporter("PROTOCOL");
  if (!found || found->second == "http/json") return;
  refuse(found->first,
         "http/json is the protocol that is spoken; a collector takes it on the "
         "port of http/protobuf");
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

// What the operator says comes last and wins.
Pairs read_resource(const Variables& variables, const std::string& service) {
  Pairs resource{{"service.name", service},
                 {"service.version", FECHATTER_VERSION},
                 {"host.name", host_name()},
                 {"process.pid", std::to_string(getpid())}};
  const auto set = [&resource](const std::string& name, const std::string& value) {
    const auto same = [&name](const auto& attribute) { return attribute.first == name; };
    std::erase_if(resource, same);
    resource.emplace_back(name, value);
  };
  constexpr auto variable = "OTEL_RESOURCE_ATTRIBUTES";
  for (const auto& [name, value] :
       read_pairs(variable, variables.find(variable).value_or(std::string{}))) {
    set(name, value);
  }
  if (const auto name = variables.find("OTEL_SERVICE_NAME")) set("service.name", *name);
  return resource;
}

}  // namespace

Settings read_settings(const std::map<std::string, std::string>& environment,
                       const std::string& service) {
  const Variables variables{environment};
  Settings settings;
  settings.enabled = is_enabled(variables);
  if (!settings.enabled) return settings;
  require_protocol(variables);
  settings.url = read_url(variables);
  settings.headers = read_headers(variables);
  if (const auto file = variables.find_exporter("CERTIFICATE")) settings.ca_file = file->second;
  if (const auto timeout = variables.find_exporter("TIMEOUT")) {
    settings.timeout = std::chrono::milliseconds{
        Variables::number_of(timeout->first, timeout->second, 100, 300'000)};
  }
  settings.resource = read_resource(variables, service);
  settings.schedule_delay =
      std::chrono::milliseconds{variables.number("OTEL_BSP_SCHEDULE_DELAY", 5'000, 10, 300'000)};
  auto& tracer = settings.tracer;
  tracer.sampling = read_sampling(variables);
  const auto number = [&variables](const char* name, std::size_t fallback) {
    return static_cast<std::size_t>(
        variables.number(name, static_cast<std::int64_t>(fallback), 1, 65'536));
  };
  tracer.queue_max = number("OTEL_BSP_MAX_QUEUE_SIZE", tracer.queue_max);
  tracer.batch = number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", tracer.batch);
  tracer.batch = std::min(tracer.batch, tracer.queue_max);
  return settings;
}

}  // namespace fechatter::otlp
