#pragma once

#include <map>
#include <optional>
#include <set>

#include "fechatter_server/outbox/relay.hpp"
#include "notify_server/log/event_follower.hpp"
#include "tests/simulator/simulated_database.hpp"
#include "tests/simulator/simulated_stream.hpp"

namespace fechatter::simulator {

// The system under one seed: writers, relays, consumers, and somebody who breaks things for a
// while. What must hold all the time is asked when it happens; what must hold in the end, after a
// time without faults.
class World {
 public:
  explicit World(std::uint64_t seed, bool verbose = false);
  ~World() { simulation_.end(); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // What was broken, or nothing.
  std::string run();

 private:
  // A process with a connection to both.
  struct Host {
    Actor* actor = nullptr;
    bool off_nats = false;
    bool off_database = false;
  };
  struct RelayHost : Host {
    std::optional<event::StreamObservation> seen;  // told by others, not looked at yet
  };
  // What the clients of one notify_server know, between one start and the next.
  struct Listener : Host {
    std::set<std::int64_t> known;                  // by uid
    std::set<std::int64_t> told;                   // the same, without what warmed_up the ring
    std::map<std::int64_t, std::int64_t> in_chat;  // the last one told
    bool warmed_up = false;
    std::int64_t answers_since_ns = 0;  // what is younger must be known
    std::uint64_t position = 0;
  };

  void be_relay(RelayHost& host);
  void be_listener(Listener& host);
  void be_writer();
  void be_network();
  void be_nemesis();
  void break_something();
  void break_nats();
  void break_process();
  void break_database();

  void listen(Listener& host, const notify::StreamUpdate& update);
  void check_stored(const StoredStream& stream, const event::StreamMessage& message);
  void check_mark(std::int64_t epoch, std::int64_t id, std::uint64_t stream_seq);
  // What is not yet as it must be in the end.
  std::string unfinished() const;
  std::string unfinished(const Listener& host) const;

  Simulation simulation_;
  SimulatedNats nats_{simulation_};
  SimulatedDatabase database_;
  const server::RelayRules relay_rules_;
  bool faults_ = true;
  bool writing_ = true;
  bool restores_often_ = false;
  std::vector<std::unique_ptr<RelayHost>> relays_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::set<std::pair<std::string, std::uint64_t>> stored_;  // ever: message id and sequence
  std::map<std::int64_t, std::int64_t> first_stored_ns_;    // by uid
};

}  // namespace fechatter::simulator
