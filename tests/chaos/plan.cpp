#include "tests/chaos/plan.hpp"

#include <algorithm>
#include <map>

#include "tests/chaos/dice.hpp"

namespace fechatter::chaos {
namespace {

using std::chrono::milliseconds;

enum class On { process, link, postgres, files, nats, clients, machine };

struct Kind {
  const char* name;
  On on;
  int weight;
  milliseconds shortest;
  milliseconds longest;
};

constexpr Kind all_kinds[] = {
    {"kill", On::process, 20, milliseconds{0}, milliseconds{1000}},
    {"stop", On::process, 20, milliseconds{200}, milliseconds{4000}},
    {"term", On::process, 3, milliseconds{1500}, milliseconds{1500}},
    {"postgres", On::postgres, 15, milliseconds{0}, milliseconds{500}},
    {"disk", On::postgres, 2, milliseconds{1000}, milliseconds{3000}},
    {"files", On::files, 3, milliseconds{500}, milliseconds{3000}},
    {"nats", On::nats, 8, milliseconds{0}, milliseconds{1500}},
    {"store", On::nats, 3, milliseconds{0}, milliseconds{1000}},
    {"flip", On::nats, 3, milliseconds{0}, milliseconds{500}},
    {"cut", On::link, 8, milliseconds{0}, milliseconds{0}},
    {"delay", On::link, 6, milliseconds{500}, milliseconds{3000}},
    {"halfopen", On::link, 5, milliseconds{500}, milliseconds{4000}},
    {"answers", On::link, 6, milliseconds{200}, milliseconds{1000}},
    {"stampede", On::clients, 3, milliseconds{0}, milliseconds{0}},
    {power_cut, On::machine, 40, milliseconds{0}, milliseconds{1500}},
};

constexpr std::size_t links_of_a_process = 3;
constexpr int overlap_max = 2;

std::size_t targets_on(On on, std::size_t processes) {
  switch (on) {
    case On::process: return processes;
    case On::link: return processes * links_of_a_process;
    default: return 1;
  }
}

const Kind& draw(Dice& dice, const std::vector<const Kind*>& kinds) {
  int sum = 0;
  for (const auto* kind : kinds) sum += kind->weight;
  auto roll = static_cast<int>(dice.below(static_cast<std::size_t>(sum)));
  for (const auto* kind : kinds) {
    roll -= kind->weight;
    if (roll < 0) return *kind;
  }
  return *kinds.back();
}

// The targets under a fault, and the end of each fault.
class Busy {
 public:
  bool may(On on, std::size_t target, milliseconds at) {
    int under_way = 0;
    for (const auto& [what, until] : until_) under_way += until > at ? 1 : 0;
    return under_way < overlap_max && until_[{on, target}] <= at;
  }
  void take(On on, std::size_t target, milliseconds until) { until_[{on, target}] = until; }

 private:
  std::map<std::pair<On, std::size_t>, milliseconds> until_;
};

// Restarts all instances of one server, one after the other.
void add_rolling_restart(const Planned& first, std::size_t processes, std::vector<Planned>& plan) {
  const auto half = processes / 2;
  const auto begin = first.target < half ? 0 : half;
  for (std::size_t i = 0; i < half; ++i) {
    auto next = first;
    next.target = begin + i;
    next.at += first.lasts * i;
    plan.push_back(next);
  }
}

}  // namespace

const std::vector<std::string>& fault_kinds() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& kind : all_kinds) {
      if (kind.on != On::machine) all.emplace_back(kind.name);
    }
    return all;
  }();
  return names;
}

std::vector<Planned> make_plan(const PlanOptions& options) {
  std::vector<const Kind*> kinds;
  for (const auto& kind : all_kinds) {
    const auto& permitted = options.kinds;
    if (std::find(permitted.begin(), permitted.end(), kind.name) != permitted.end()) {
      kinds.push_back(&kind);
    }
  }
  Dice dice{options.seed};
  Busy busy;
  std::vector<Planned> plan;
  if (kinds.empty()) return plan;
  for (auto at = milliseconds{300}; at < options.length;
       at += dice.between(options.every / 2, options.every * 3 / 2)) {
    const auto& kind = draw(dice, kinds);
    const auto target = dice.below(targets_on(kind.on, options.processes));
    const auto lasts = dice.between(kind.shortest, kind.longest + milliseconds{1});
    const Planned planned{at, lasts, kind.name, target, dice.below(1'000'000'007)};
    if (!busy.may(kind.on, target, at)) continue;
    if (planned.kind == "term") {
      add_rolling_restart(planned, options.processes, plan);
    } else {
      plan.push_back(planned);
    }
    busy.take(kind.on, target, at + lasts + milliseconds{200});
  }
  std::stable_sort(plan.begin(), plan.end(),
                   [](const auto& left, const auto& right) { return left.at < right.at; });
  return plan;
}

}  // namespace fechatter::chaos
