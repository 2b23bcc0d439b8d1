#pragma once

#include <vector>

#include "tests/simulator/simulated_database.hpp"
#include "tests/simulator/simulated_stream.hpp"

namespace fechatter::simulator {

// A process with a connection to both.
struct Host {
  Actor* actor = nullptr;
  bool off_nats = false;
  bool off_database = false;
};

// Injects faults, one after the other, into NATS, the database and the hosts.
class SimulatedFaults {
 public:
  SimulatedFaults(Simulation& simulation, SimulatedNats& nats, SimulatedDatabase& database)
      : simulation_{simulation}, nats_{nats}, database_{database} {}

  // Which outlives this object; before run().
  void add(Host& host) { hosts_.push_back(&host); }
  // As an actor, until end().
  void run();
  // Everything works from here on.
  void end();

  void restore_often() { restores_often_ = true; }
  // The database has forgotten where texts are.
  bool restored() const { return restored_; }

 private:
  void break_something();
  void break_nats();
  void break_database();
  void break_process();
  void cut_power();

  Simulation& simulation_;
  SimulatedNats& nats_;
  SimulatedDatabase& database_;
  std::vector<Host*> hosts_;
  bool ended_ = false;
  bool restores_often_ = false;
  bool restored_ = false;
};

}  // namespace fechatter::simulator
