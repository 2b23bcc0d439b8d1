#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "bench/report.hpp"

// Runs the measured side and its baseline in turns, so that other load on the machine affects both.
namespace fechatter::bench {

inline double median(std::vector<double> values) {
  return spread_of(std::move(values)).p50;
}

// The rounds of one side.
template <class Round>
double median_of(const std::vector<Round>& rounds, double Round::*figure) {
  std::vector<double> values;
  for (const auto& round : rounds) values.push_back(round.*figure);
  return median(std::move(values));
}

template <class Round>
struct InTurns {
  std::vector<Round> ours;
  std::vector<Round> bare;

  double our(double Round::*figure) const { return median_of(ours, figure); }
  double its(double Round::*figure) const { return median_of(bare, figure); }
  double ratio(double Round::*figure) const { return our(figure) / its(figure); }
};

template <class Measure, class OtherMeasure>
auto in_turns(std::size_t rounds, Measure measure_ours, OtherMeasure measure_bare) {
  InTurns<decltype(measure_ours())> result;
  for (std::size_t i = 0; i < rounds; ++i) {
    result.ours.push_back(measure_ours());
    result.bare.push_back(measure_bare());
  }
  return result;
}

}  // namespace fechatter::bench
