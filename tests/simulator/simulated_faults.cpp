#include "tests/simulator/simulated_faults.hpp"

namespace fechatter::simulator {

void SimulatedFaults::run() {
  while (true) {
    simulation_.sleep(simulation_.random().up_to(milliseconds{3000}));
    if (!ended_) break_something();
  }
}

void SimulatedFaults::end() {
  ended_ = true;
  nats_.start();
  database_.start();
  for (auto* host : hosts_) host->off_nats = host->off_database = false;
}

void SimulatedFaults::break_something() {
  switch (simulation_.random().below(9)) {
    case 0: return cut_power();
    case 1:
    case 2: return break_nats();
    case 3:
    case 4: return break_database();
    default: return break_process();
  }
}

void SimulatedFaults::break_nats() {
  auto& random = simulation_.random();
  if (random.one_in(6)) {
    simulation_.trace("messages or the stream are removed");
    return random.one_in(2) ? nats_.lose_middle() : nats_.lose_all();
  }
  simulation_.trace("NATS is killed");
  nats_.kill();
  switch (random.below(6)) {
    case 0: nats_.lose_tail(1 + random.below(6)); break;
    case 1: nats_.lose_tail(1 + random.below(2)); break;
    case 2: nats_.lose_middle(); break;
    case 3: nats_.lose_all(); break;
    default: break;
  }
  simulation_.sleep(random.up_to(milliseconds{1500}));
  simulation_.trace("NATS is back");
  nats_.start();
}

// What was not synced is gone: the stream's end together with the marks of it. Hosts may be
// elsewhere.
void SimulatedFaults::cut_power() {
  auto& random = simulation_.random();
  simulation_.trace("the power is cut");
  for (auto* host : hosts_) {
    if (!random.one_in(3)) host->actor->kill();
  }
  nats_.kill();
  nats_.lose_tail(random.below(6));
  database_.crash();
  simulation_.sleep(random.up_to(milliseconds{1500}));
  simulation_.trace("the power is back");
  nats_.start();
  database_.start();
}

void SimulatedFaults::break_database() {
  auto& random = simulation_.random();
  if (random.one_in(restores_often_ ? 2 : 8)) {
    database_.back_up();
    return simulation_.sleep(random.up_to(milliseconds{5000}));
  }
  simulation_.trace("the database is killed");
  // An empty stream does not show the restore, which docs/operations.md says.
  const bool shows = nats_.stream() && !nats_.stream()->messages.empty();
  const bool restored = shows && random.one_in(4) && database_.restore();
  if (restored) simulation_.trace("the database is restored from its backup");
  restored_ = restored_ || restored;
  if (!restored) database_.crash();
  // A restore takes longer than any message is on its way.
  simulation_.sleep(random.up_to(milliseconds{1500}) + milliseconds{restored ? 8000 : 0});
  simulation_.trace("the database is back");
  database_.start();
}

void SimulatedFaults::break_process() {
  auto& random = simulation_.random();
  Host& host = *hosts_[random.below(hosts_.size())];
  switch (random.below(5)) {
    case 0: return host.actor->kill();
    case 1: host.off_nats = true; break;
    case 2: host.off_database = true; break;
    default: return host.actor->stop(random.up_to(milliseconds{random.one_in(6) ? 14'000 : 4000}));
  }
  simulation_.sleep(random.up_to(milliseconds{2000}));
  host.off_nats = host.off_database = false;
}

}  // namespace fechatter::simulator
