#include "fechatter_core/observability/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "fechatter_core/ascii.hpp"

namespace fechatter::observability {
namespace {

prometheus::MetricType exposed_type(MetricType type) {
  switch (type) {
    case MetricType::counter: return prometheus::MetricType::Counter;
    case MetricType::gauge: return prometheus::MetricType::Gauge;
    case MetricType::histogram: break;
  }
  return prometheus::MetricType::Histogram;
}

// https://prometheus.io/docs/practices/naming, as far as a name alone shows it.
void require_good_name(std::string_view name, MetricType type) {
  const auto is_good = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_'; };
  bool good = !name.empty() && !is_digit(name.front()) && name.front() != '_' &&
              std::all_of(name.begin(), name.end(), is_good);
  good = good && name.ends_with("_total") == (type == MetricType::counter);
  for (const auto* reserved : {"_count", "_sum", "_bucket", "_milliseconds", "_micros"}) {
    good = good && !name.ends_with(reserved);
  }
  if (!good) throw std::invalid_argument{"no name for a metric: " + std::string{name}};
}

std::vector<prometheus::ClientMetric::Label> exposed_labels(Labels labels) {
  std::vector<prometheus::ClientMetric::Label> all;
  for (const auto& [name, value] : labels) all.push_back({std::string{name}, std::string{value}});
  return all;
}

}  // namespace

struct Metrics::Family {
  std::string name;
  std::string help;
  MetricType type;
  Collect collect;
};

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

void Samples::add(double value, Labels labels) {
  auto& metric = family_.metric.emplace_back();
  metric.label = exposed_labels(labels);
  metric.counter.value = value;
  metric.gauge.value = value;
}

void Samples::add(const Counter& counter, Labels labels) {
  add(static_cast<double>(counter.value()), labels);
}

void Samples::add(const HistogramSnapshot& histogram, Labels labels) {
  auto& metric = family_.metric.emplace_back();
  metric.label = exposed_labels(labels);
  auto& exposed = metric.histogram;
  const auto& [bounds, per_unit] = histogram.buckets;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    cumulative += histogram.counts[i];
    const auto bound = i < bounds.size() ? static_cast<double>(bounds[i]) / per_unit
                                         : std::numeric_limits<double>::infinity();
    exposed.bucket.push_back({cumulative, bound});
  }
  exposed.sample_count = cumulative;
  exposed.sample_sum = static_cast<double>(histogram.sum) / per_unit;
}

void Metrics::add(MetricType type, std::string name, std::string help, Collect collect) {
  require_good_name(name, type);
  const auto is_same = [&](const Family& family) { return family.name == name; };
  if (std::any_of(families_.begin(), families_.end(), is_same)) {
    throw std::invalid_argument{"two metrics have the name " + name};
  }
  families_.push_back({std::move(name), std::move(help), type, std::move(collect)});
}

void Metrics::counter(std::string name, std::string help, Collect collect) {
  add(MetricType::counter, std::move(name), std::move(help), std::move(collect));
}

void Metrics::gauge(std::string name, std::string help, Collect collect) {
  add(MetricType::gauge, std::move(name), std::move(help), std::move(collect));
}

void Metrics::histogram(std::string name, std::string help, Collect collect) {
  add(MetricType::histogram, std::move(name), std::move(help), std::move(collect));
}

void Metrics::counter(std::string name, std::string help, const Counter& counter) {
  Collect collect = [&counter](Samples& samples) { samples.add(counter); };
  add(MetricType::counter, std::move(name), std::move(help), std::move(collect));
}

void Metrics::histogram(std::string name, std::string help, const Histogram& histogram) {
  Collect collect = [&histogram](Samples& samples) { samples.add(histogram.snapshot()); };
  add(MetricType::histogram, std::move(name), std::move(help), std::move(collect));
}

std::string Metrics::text() const {
  std::vector<prometheus::MetricFamily> exposed;
  exposed.reserve(families_.size());
  for (const auto& family : families_) {
    auto& shown = exposed.emplace_back();
    shown.name = family.name;
    shown.help = family.help;
    shown.type = exposed_type(family.type);
    Samples samples{shown};
    try {
      family.collect(samples);
    } catch (const std::exception& error) {
      spdlog::warn("metrics: {} not read: {}", family.name, error.what());
      shown.metric.clear();
    }
  }
  return prometheus::TextSerializer{}.Serialize(exposed);
}

}  // namespace fechatter::observability
