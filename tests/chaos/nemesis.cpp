#include "tests/chaos/nemesis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <thread>

namespace fechatter::chaos {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds tick{10};
constexpr std::size_t stampede_size = 6;

// A step of the plan: a fault begins, or is healed.
struct Step {
  milliseconds at;
  const Planned* planned;
  std::size_t fault;
  bool heals;
};

std::vector<Step> steps_of(const std::vector<Planned>& plan, std::size_t first_fault) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    steps.push_back({plan[i].at, &plan[i], first_fault + i, false});
    steps.push_back({plan[i].at + plan[i].lasts, &plan[i], first_fault + i, true});
  }
  std::stable_sort(steps.begin(), steps.end(),
                   [](const Step& left, const Step& right) { return left.at < right.at; });
  return steps;
}

bool is_any(const std::string& kind, std::initializer_list<const char*> kinds) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

// The seed of what survives a power cut without having been synced; one in four leaves nothing.
std::optional<std::uint64_t> survivors_of(const Planned& cut) {
  if (cut.detail % 4 == 0) return {};
  return cut.detail;
}

}  // namespace

void Nemesis::run(const std::vector<Planned>& plan, const std::function<bool()>& stopped) {
  const auto first = faults_.size();
  for (const auto& planned : plan) faults_.push_back({planned.kind, name_of(planned), 0, 0});
  const auto began = Clock::now();
  for (const auto& step : steps_of(plan, first)) {
    while (Clock::now() < began + step.at && !stopped()) {
      cluster_.restart_exited();
      std::this_thread::sleep_for(tick);
    }
    const bool began_it = faults_[step.fault].began != 0;
    if (!step.heals && !stopped()) {
      faults_[step.fault].began = moment();
      begin(*step.planned);
    } else if (step.heals && began_it) {
      heal(*step.planned);
      faults_[step.fault].ended = moment();
    }
  }
  cluster_.restart_exited();
  std::erase_if(faults_, [](const Fault& fault) { return fault.began == 0; });
}

void Nemesis::begin(const Planned& planned) {
  const auto& kind = planned.kind;
  if (is_any(kind, {"kill", "stop", "term"})) return begin_on_process(planned);
  if (is_any(kind, {"cut", "delay", "halfopen", "answers"})) return begin_on_link(planned);
  if (kind == "postgres") return cluster_.postgres().crash();
  if (kind == "power") {
    cut_at_ = moment();
    return cluster_.cut_power(survivors_of(planned));
  }
  if (kind == "disk") return cluster_.disk()->fill();
  if (kind == "files") return cluster_.files_disk()->fill();
  if (kind == "stampede") return clients_.stampede(stampede_size);
  if (is_any(kind, {"nats", "store", "flip"})) cluster_.nats().kill();
  if (kind == "store") cluster_.nats().lose_store();
  if (kind == "flip") cluster_.nats().flip_byte(planned.detail);
}

void Nemesis::begin_on_process(const Planned& planned) {
  auto& node = cluster_.nodes().at(planned.target);
  if (planned.kind == "stop") return node.server.signal(SIGSTOP);
  if (planned.kind == "term") {
    node.exit_expected = true;
    return node.server.signal(SIGTERM);
  }
  node.should_run = false;
  node.server.kill();
}

void Nemesis::begin_on_link(const Planned& planned) {
  const auto link = link_of(planned.target);
  auto& proxy = cluster_.proxy();
  if (planned.kind == "cut") proxy.cut(link);
  if (planned.kind == "delay") {
    proxy.delay(link, milliseconds{5 + static_cast<std::int64_t>(planned.detail % 300)});
  }
  if (planned.kind == "halfopen") proxy.set(link, LinkFault::silent);
  if (planned.kind == "answers") proxy.set(link, LinkFault::no_answers);
}

void Nemesis::heal(const Planned& planned) {
  const auto& kind = planned.kind;
  if (kind == "stop") cluster_.nodes().at(planned.target).server.signal(SIGCONT);
  if (kind == "kill") {
    auto& node = cluster_.nodes().at(planned.target);
    node.should_run = true;
    node.server.spawn();
  }
  if (kind == "delay") cluster_.proxy().delay(link_of(planned.target), milliseconds{0});
  if (kind == "halfopen") cluster_.proxy().cut(link_of(planned.target));
  if (is_any(kind, {"halfopen", "answers"})) {
    cluster_.proxy().set(link_of(planned.target), LinkFault::none);
  }
  if (kind == "disk") cluster_.disk()->free();
  if (kind == "files") cluster_.files_disk()->free();
  // PostgreSQL may have exited on the full disk.
  if (is_any(kind, {"postgres", "disk"})) cluster_.postgres().start();
  if (is_any(kind, {"nats", "store", "flip"})) start_nats();
  if (kind == "power") start_machine();
}

void Nemesis::start_machine() {
  cluster_.postgres().start();
  if (!cluster_.stream_survives_power_cuts()) {
    faults_.push_back({"store", unsynced_stream, cut_at_, moment()});
  }
  start_nats();
  for (auto& node : cluster_.nodes()) {
    node.should_run = true;
    node.server.spawn();
  }
}

// nats-server 2.9 may crash at every start on a store with certain damaged bytes. The store is then
// removed, as an operator would have to do.
void Nemesis::start_nats() {
  try {
    cluster_.nats().start();
  } catch (const std::exception&) {
    cluster_.nats().lose_store();
    cluster_.nats().start();
    faults_.push_back({"store", "nats-server did not start with it", moment(), moment()});
  }
}

std::size_t Nemesis::link_of(std::size_t target) const {
  const auto& node = cluster_.nodes().at(target / 3);
  const std::size_t links[] = {node.front, node.database, node.nats};
  return links[target % 3];
}

std::string Nemesis::name_of(const Planned& planned) const {
  if (is_any(planned.kind, {"kill", "stop", "term"})) {
    return cluster_.nodes().at(planned.target).name;
  }
  if (is_any(planned.kind, {"cut", "delay", "halfopen", "answers"})) {
    static constexpr const char* ends[] = {"clients", "PostgreSQL", "NATS"};
    return fmt::format("{} and {}", cluster_.nodes().at(planned.target / 3).name,
                       ends[planned.target % 3]);
  }
  if (planned.kind == "power") {
    const auto seed = survivors_of(planned);
    return seed ? fmt::format("seed {}", *seed) : "nothing survives that was not synced";
  }
  return planned.kind;
}

}  // namespace fechatter::chaos
