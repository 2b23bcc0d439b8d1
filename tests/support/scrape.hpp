#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace fechatter::test {

// What GET /metrics of a listener for operators has answered.
struct Scrape {
  std::string text;
  std::map<std::string, std::string> types;  // of each family, by its name
  std::map<std::string, double> series;      // by name and labels, as they are written

  // Of the series, as it is written; nothing: there is none.
  std::optional<double> find(const std::string& name) const;
  // The same; 0 when there is none.
  double value(const std::string& name) const { return find(name).value_or(0); }
};

Scrape parse_scrape(const std::string& text);

// Throws std::runtime_error when the answer is not 200.
Scrape scrape(std::uint16_t admin_port);

// A metric as docs/metrics.md describes it.
struct DescribedMetric {
  std::string type;
  std::string of;  // "both", "fechatter_server" or "notify_server"
};

// The tables of docs/metrics.md.
std::map<std::string, DescribedMetric> described_metrics();

}  // namespace fechatter::test
