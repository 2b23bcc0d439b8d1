#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fechatter_core/observability/metrics.hpp"

namespace fechatter::http {

// The times of requests by route and class of status, within a bounded number of series however
// many routes there are: a route gets a histogram for a class with its first request of it, from
// one supply for answers below 400 and a smaller one for refusals. What comes later is counted
// together, as the route `other`. So a scanner that provokes a refusal by each route hides no times
// of answers. Neither a lock nor an allocation in observe(). Any thread.
class RequestTimes {
 public:
  static constexpr std::size_t answers_max = 100;  // pairs of route and class
  static constexpr std::size_t refusals_max = 28;

  struct Name {
    std::string method;
    std::string path;  // the pattern: "/api/chat/{id}"
  };

  explicit RequestTimes(std::vector<Name> routes);

  // The index of a request that has no route.
  std::size_t unmatched() const { return names_.size(); }
  // REQUIRES: `route` is the index of a name, or unmatched().
  void observe(std::size_t route, int status, std::chrono::steady_clock::duration took);

  // Requests that were refused with 429.
  const observability::Counter& rate_limited() const { return rate_limited_; }
  // A sample for each pair that has a request, with the labels `method`, `route` and `status`,
  // which is 2xx, 3xx, 4xx or 5xx.
  void collect(observability::Samples& samples) const;

 private:
  static constexpr std::size_t classes = 4;
  static constexpr std::uint16_t not_assigned = 0xffff;

  struct Supply {
    std::size_t first;  // of the histograms
    std::size_t size;
    std::atomic<std::size_t> used{0};
  };
  using Slots = std::array<std::atomic<std::uint16_t>, classes>;

  std::size_t slot_of(std::size_t route, std::size_t status_class);
  void collect_row(observability::Samples& samples, std::size_t route, std::size_t status_class,
                   std::size_t slot) const;

  const std::vector<Name> names_;
  const std::unique_ptr<Slots[]> slots_;  // of each route, and of the unmatched requests
  Supply answers_{0, answers_max};
  Supply refusals_{answers_max, refusals_max};
  // Those of both supplies, then that of `other` for each class.
  std::vector<std::unique_ptr<observability::Histogram>> times_;
  observability::Counter rate_limited_;
};

}  // namespace fechatter::http
