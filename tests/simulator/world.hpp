#pragma once

#include <map>
#include <optional>
#include <set>

#include "fechatter_server/outbox/relay.hpp"
#include "notify_server/log/event_follower.hpp"
#include "tests/simulator/replay_check.hpp"
#include "tests/simulator/simulated_database.hpp"
#include "tests/simulator/simulated_faults.hpp"
#include "tests/simulator/simulated_stream.hpp"

namespace fechatter::simulator {

// The system under one seed: writers, relays, consumers, erasers, and a nemesis for a while.
// Invariants are checked at each step; completeness is checked in the end, after a time without
// faults.
class World {
 public:
  explicit World(std::uint64_t seed, bool verbose = false);
  ~World() { simulation_.end(); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // The violated invariant, or an empty text.
  std::string run();

 private:
  struct RelayHost : Host {
    std::optional<event::StreamObservation> seen;  // reported by a consumer, not verified yet
  };
  // What the clients of one notify_server have, between one start and the next.
  struct Consumer : Host {
    std::set<std::int64_t> known;                  // by uid
    std::set<std::int64_t> delivered;              // the same, without what warmed up the ring
    std::map<std::int64_t, std::int64_t> in_chat;  // the last one delivered
    bool warmed_up = false;
    std::int64_t answers_since_ns = 0;  // younger events must be known
    std::uint64_t position = 0;
  };

  void run_relay(RelayHost& host);
  void run_consumer(Consumer& host);
  void run_writer();
  void run_eraser(Host& host);
  void run_network();

  void observe(Consumer& host, const notify::StreamUpdate& update);
  void check_stored(const StoredStream& stream, const event::StreamMessage& message);
  void check_mark(std::int64_t epoch, std::int64_t id, std::uint64_t stream_seq);
  void check_epoch(std::int64_t epoch);
  // What is not complete yet, or an empty text.
  std::string unfinished() const;
  std::string unfinished(const Consumer& host) const;
  // A text that is still somewhere though it was to be erased.
  std::string left_text() const;

  Simulation simulation_;
  SimulatedNats nats_{simulation_};
  SimulatedDatabase database_;
  ReplayCheck replays_{simulation_, nats_, database_};
  const server::RelayRules relay_rules_;
  SimulatedFaults faults_{simulation_, nats_, database_};
  bool writing_ = true;
  std::vector<std::unique_ptr<Host>> erasers_;
  std::vector<std::unique_ptr<RelayHost>> relays_;
  std::vector<std::unique_ptr<Consumer>> consumers_;
  std::set<std::pair<std::string, std::uint64_t>> stored_;  // ever: message id and sequence
  std::map<std::int64_t, std::int64_t> first_stored_ns_;    // by uid
};

}  // namespace fechatter::simulator
