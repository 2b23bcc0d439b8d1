#pragma once

#include <map>

#include "notify_server/log/replay_slice.hpp"
#include "tests/simulator/simulated_erasures.hpp"
#include "tests/simulator/simulated_stream.hpp"

namespace fechatter::simulator {

// A client of one workspace that was away: reads what it has missed as notify::ReplayReader does,
// at any moment and from any position, and fails the simulation when an event is missing in what a
// slice claims to hold, but for those whose text was erased; or when it is served from the position
// of an event that the stream has lost, where another one is now. Also checks that each stored
// message names the one before it of its workspace in its epoch.
class ReplayCheck {
 public:
  ReplayCheck(Simulation& simulation, SimulatedNats& nats, SimulatedDatabase& database)
      : simulation_{simulation}, nats_{nats}, database_{database} {}

  // A message is stored.
  void add(const event::StreamMessage& message);
  // The client, as an actor.
  void run();

 private:
  // What was stored there last.
  struct Stored {
    std::int64_t workspace = 0;
    std::int64_t uid = 0;
    EventId event;
    friend bool operator==(const Stored&, const Stored&) = default;
  };
  using Positions = std::map<event::Position, Stored>;

  void replay(event::EventStream& stream, event::ErasureSource& erasures);
  void replay_from_lost(event::EventStream& stream, event::ErasureSource& erasures);
  void check(std::int64_t workspace, event::Position after, const notify::ReplaySlice& slice,
             const Positions& before);

  Simulation& simulation_;
  SimulatedNats& nats_;
  SimulatedDatabase& database_;
  const bool cut_off_ = false;
  Positions positions_;
  std::map<event::Position, EventId> lost_;  // what was stored there before
};

}  // namespace fechatter::simulator
