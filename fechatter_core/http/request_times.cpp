#include "fechatter_core/http/request_times.hpp"

#include <algorithm>

namespace fechatter::http {
namespace {

// In microseconds; eight, since each route has these.
constexpr std::array<std::uint64_t, 8> request_bounds{2'500,   5'000,   10'000,    25'000,
                                                      100'000, 250'000, 1'000'000, 2'500'000};
constexpr observability::Buckets request_seconds{request_bounds, observability::micros_per_second};

constexpr std::array<std::string_view, 4> class_names{"2xx", "3xx", "4xx", "5xx"};
constexpr std::size_t first_refusal_class = 2;

std::size_t class_of(int status) {
  return static_cast<std::size_t>(std::clamp(status / 100, 2, 5) - 2);
}

}  // namespace

RequestTimes::RequestTimes(std::vector<Name> routes)
    : names_{std::move(routes)}, slots_{std::make_unique<Slots[]>(names_.size() + 1)} {
  for (std::size_t i = 0; i <= names_.size(); ++i) {
    for (auto& slot : slots_[i]) slot = not_assigned;
  }
  for (std::size_t i = 0; i < answers_max + refusals_max + classes; ++i) {
    times_.push_back(std::make_unique<observability::Histogram>(request_seconds));
  }
}

void RequestTimes::observe(std::size_t route, int status,
                           std::chrono::steady_clock::duration took) {
  times_[slot_of(route, class_of(status))]->observe(took);
  if (status == 429) rate_limited_.add();
}

// Two requests that are the first of their pair at the same time may use up two histograms, of
// which one stays empty.
std::size_t RequestTimes::slot_of(std::size_t route, std::size_t status_class) {
  auto& slot = slots_[route][status_class];
  const auto assigned = slot.load(std::memory_order_relaxed);
  if (assigned != not_assigned) return assigned;
  auto& supply = status_class < first_refusal_class ? answers_ : refusals_;
  const auto place = supply.used.fetch_add(1, std::memory_order_relaxed);
  const auto wanted =
      place < supply.size ? supply.first + place : answers_max + refusals_max + status_class;
  auto expected = not_assigned;
  if (slot.compare_exchange_strong(expected, static_cast<std::uint16_t>(wanted))) return wanted;
  return expected;
}

void RequestTimes::collect(observability::Samples& samples) const {
  const auto supplied = answers_max + refusals_max;
  for (std::size_t route = 0; route <= names_.size(); ++route) {
    for (std::size_t i = 0; i < classes; ++i) {
      const auto slot = slots_[route][i].load(std::memory_order_relaxed);
      if (slot < supplied) collect_row(samples, route, i, slot);
    }
  }
  for (std::size_t i = 0; i < classes; ++i) {
    const auto snapshot = times_[supplied + i]->snapshot();
    if (snapshot.total() == 0) continue;
    samples.add(snapshot, {{"method", "any"}, {"route", "other"}, {"status", class_names.at(i)}});
  }
}

void RequestTimes::collect_row(observability::Samples& samples, std::size_t route,
                               std::size_t status_class, std::size_t slot) const {
  static const Name none{"any", "unmatched"};
  const auto& name = route < names_.size() ? names_[route] : none;
  samples.add(
      times_[slot]->snapshot(),
      {{"method", name.method}, {"route", name.path}, {"status", class_names.at(status_class)}});
}

}  // namespace fechatter::http
