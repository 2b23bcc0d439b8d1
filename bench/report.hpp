#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace fechatter::bench {

struct Spread {
  std::size_t samples = 0;
  double p50 = 0;
  double p99 = 0;
  double max = 0;
};

double milliseconds(std::chrono::steady_clock::duration time);

// Percentiles by nearest rank, so each is a measured value. All 0 without values.
Spread spread_of(std::vector<double> values);

// Rounded to three decimals, for the JSON.
double rounded(double value);

using Row = std::vector<std::string>;

// Prints the first column left-aligned, the others right-aligned.
void print_table(const std::vector<Row>& rows);

// One line: {"bench": name, figures …, "machine": {cores, kernel, build, …}}.
void print_json(const std::string& name, const nlohmann::ordered_json& figures);

// Warns on stderr when the figures of this run are not comparable: not a release build, or a
// scratch folder in memory, where fsync does nothing.
void warn_of_circumstances();

}  // namespace fechatter::bench
