#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fechatter_core/observability/counter.hpp"
#include "fechatter_core/observability/histogram.hpp"

namespace prometheus {
struct MetricFamily;
}

namespace fechatter::observability {

enum class MetricType { counter, gauge, histogram };

// A label's name and value. No value is one of a user, a chat or a workspace: the values of a label
// are few and known before the start.
using Label = std::pair<std::string_view, std::string_view>;
using Labels = std::initializer_list<Label>;

// Takes the samples of one family at one scrape.
class Samples {
 public:
  explicit Samples(prometheus::MetricFamily& family) : family_{family} {}

  // Of a counter or a gauge.
  void add(double value, Labels labels = {});
  void add(const Counter& counter, Labels labels = {});
  // Of a histogram.
  void add(const HistogramSnapshot& histogram, Labels labels = {});

 private:
  prometheus::MetricFamily& family_;
};

// The metrics of a process, in Prometheus' text format 0.0.4. The parts of the process count in
// atomics of their own; at a scrape a function for each family reads these. Families are added
// before the first scrape, by one thread; text() is called by any thread.
class Metrics {
 public:
  using Collect = std::function<void(Samples&)>;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // What `collect` reads outlives this object. Throws std::invalid_argument when the name is taken,
  // or breaks the rules: lower case, `_total` at the end of counters and of these alone, `_seconds`
  // or `_bytes` where there is a unit.
  void counter(std::string name, std::string help, Collect collect);
  void gauge(std::string name, std::string help, Collect collect);
  void histogram(std::string name, std::string help, Collect collect);

  // One sample without labels.
  void counter(std::string name, std::string help, const Counter& counter);
  void histogram(std::string name, std::string help, const Histogram& histogram);

  // All families, also those without a sample. A family whose `collect` throws has no sample, and
  // the log says so.
  std::string text() const;

 private:
  struct Family;

  void add(MetricType type, std::string name, std::string help, Collect collect);

  std::vector<Family> families_;
};

}  // namespace fechatter::observability
