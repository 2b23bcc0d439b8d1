#include "tests/support/scrape.hpp"

#include <sstream>
#include <stdexcept>

#include "tests/support/http_client.hpp"
#include "tests/support/places.hpp"
#include "tests/support/process.hpp"

namespace fechatter::test {

std::optional<double> Scrape::find(const std::string& name) const {
  const auto found = series.find(name);
  if (found == series.end()) return std::nullopt;
  return found->second;
}

Scrape parse_scrape(const std::string& text) {
  const std::string type_mark = "# TYPE ";
  Scrape scrape;
  scrape.text = text;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    const auto space = line.rfind(' ');
    if (line.starts_with(type_mark)) {
      const auto begin = type_mark.size();
      scrape.types[line.substr(begin, space - begin)] = line.substr(space + 1);
    } else if (!line.empty() && line.front() != '#') {
      scrape.series[line.substr(0, space)] = std::stod(line.substr(space + 1));
    }
  }
  return scrape;
}

Scrape scrape(std::uint16_t admin_port) {
  const auto reply = request(admin_port, "GET", "/metrics");
  if (reply.status != 200) throw std::runtime_error{"no metrics: " + reply.body};
  return parse_scrape(reply.body);
}

std::map<std::string, DescribedMetric> described_metrics() {
  std::map<std::string, DescribedMetric> described;
  std::istringstream page{read_file(source_path("docs/metrics.md"))};
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `fechatter_") && !line.starts_with("| `process_")) continue;
    std::istringstream row{line};
    std::string bar;
    std::string name;
    DescribedMetric metric;
    row >> bar >> name >> bar >> metric.type >> bar >> metric.of;
    described[name.substr(1, name.size() - 2)] = metric;
  }
  return described;
}

}  // namespace fechatter::test
