#pragma once

#include <map>
#include <set>

#include "fechatter_server/outbox/relay_store.hpp"
#include "tests/simulator/simulation.hpp"

namespace fechatter::simulator {

// What identifies an event under each of its event ids.
struct TrackedEvent {
  std::int64_t uid = 0;  // grows within a chat in the order of the commits
  std::int64_t chat = 0;

  // The chats belong to two workspaces.
  std::int64_t workspace() const { return 1 + chat % 2; }
};

struct DatabaseRules {
  std::int64_t republish_margin_micros = 1'000'000;  // a minute, in PostgreSQL
};

// PostgreSQL as the relay sees it: an outbox whose rows become visible when their transaction
// commits, not in the order of their ids; the lease; marks with asynchronous commit, so that a
// crash may lose the last ones; a backup.
class SimulatedDatabase {
 public:
  SimulatedDatabase(Simulation& simulation, DatabaseRules rules)
      : simulation_{simulation}, rules_{rules} {}

  struct Row {
    TrackedEvent event;
    std::int64_t created_micros = 0;
    std::int64_t epoch = 0;  // 0: not published
    std::uint64_t stream_seq = 0;
    event::Position first_position;  // {}: the same position
    std::int64_t published_micros = 0;
    bool erased = false;  // its text: the event is published without it
  };
  struct Text {
    std::int64_t event_id = 0;
    std::int64_t uid = 0;
    event::Position at;
  };
  struct ErasureRecord {
    event::Erasure erasure;
    bool asked = false;
    bool done = false;
  };
  struct Lease {
    std::int64_t token = 0;
    std::int64_t expires_micros = 0;
    std::int64_t epoch = 0;
    std::uint64_t epoch_first_seq = 1;
    std::int64_t covers_micros = 0;
    std::uint64_t last_stream_seq = 0;
    std::int64_t last_event_id = 0;
    std::string stream_created;
    std::int64_t published_micros = 0;
    std::int64_t republish_after = 0;
    std::int64_t republish_until = 0;
  };
  using WorkspacePositions = std::map<std::int64_t, event::Position>;
  struct State {
    std::map<std::int64_t, Row> rows;  // by id
    Lease lease;
    WorkspacePositions workspaces;    // the last marked position of each
    std::vector<Text> texts;          // what marks have recorded
    std::set<std::int64_t> to_erase;  // requests, by uid
    std::map<event::Position, ErasureRecord> erasures;
    std::int64_t last_id = 0;
  };

  // A transaction that writes one event, as the running actor. False when it did not commit.
  bool write(std::int64_t chat);
  // A transaction that supersedes a random event: its text is to be erased. The uid; 0: none.
  std::int64_t supersede();
  // As the SQL function cleanup_erasures does.
  void find_texts();
  // Ever, though a restored database may have forgotten it.
  bool was_erased(std::int64_t uid) const { return ever_erased_.contains(uid); }

  void crash();
  void start() { up_ = true; }
  void back_up() { backup_ = durable(); }
  // False when there is no backup.
  bool restore();

  bool up() const { return up_; }
  const State& state() const { return state_; }
  std::int64_t now_micros() const { return simulation_.now_ns() / 1000; }

  std::function<void(std::int64_t epoch, std::int64_t id, std::uint64_t stream_seq)> on_mark =
      [](auto, auto, auto) {};
  // Called with the number of each epoch that begins.
  std::function<void(std::int64_t)> on_epoch = [](auto) {};

 private:
  friend class SimulatedRelayStore;
  friend class SimulatedErasures;
  // All changes so far survive a crash.
  void flush() { undo_.clear(); }
  State durable() const;
  void mark(std::int64_t epoch, const server::Published& published);
  void raise_epoch(const server::NewEpoch& next);
  void remove_texts();
  std::vector<event::Erasure> erasures_between(std::int64_t epoch, std::uint64_t first,
                                               std::uint64_t last, std::size_t max) const;
  void raise_identities(std::int64_t beyond, std::int64_t newest_micros);
  std::int64_t published_before(std::int64_t micros) const;

  Simulation& simulation_;
  const DatabaseRules rules_;
  bool up_ = true;
  int generation_ = 0;
  std::int64_t uids_ = 0;
  State state_;
  struct Undo {
    std::map<std::int64_t, Row> rows;
    Lease lease;
    WorkspacePositions workspaces;
    std::vector<Text> texts;
    std::set<std::int64_t> to_erase;
  };
  std::vector<Undo> undo_;  // what marks changed
  std::set<std::int64_t> locked_chats_;
  std::set<std::int64_t> ever_erased_;  // by uid
  std::optional<State> backup_;
};

// One relay's connection to it.
class SimulatedRelayStore final : public server::RelayStore {
 public:
  SimulatedRelayStore(Simulation& simulation, SimulatedDatabase& database, const bool& cut_off)
      : simulation_{simulation}, database_{database}, cut_off_{cut_off} {}

  std::optional<server::RelayState> acquire_lease(const std::string& holder) override;
  bool renew_lease(std::int64_t token) override;
  void release_lease(std::int64_t token) override;
  std::vector<server::OutboxRow> to_republish(const server::RelayState& state,
                                              BatchSize size) override;
  std::vector<server::OutboxRow> unpublished(BatchSize size) override;
  bool mark(const server::RelayState& state, const server::Published& published) override;
  std::vector<std::int64_t> created_of(const std::vector<std::int64_t>& ids) override;
  std::optional<server::RelayState> raise_epoch(std::int64_t token,
                                                const server::NewEpoch& next) override;
  std::vector<event::Erasure> erased(std::int64_t epoch, std::uint64_t first,
                                     std::uint64_t last) override;
  bool same_session() const override { return session_ == lease_session_; }
  bool maintain_partitions(int /*keep_days*/, int /*stream_days*/) override { return true; }

 private:
  // A statement; when the server is lost around it, it may or may not have taken effect.
  template <class F>
  auto run(F statement);
  server::RelayState relay_state() const;
  // Of several rows, now and then more than the server reads in time.
  template <class Condition>
  std::vector<server::OutboxRow> select(BatchSize size, Condition condition) const;

  Simulation& simulation_;
  SimulatedDatabase& database_;
  const bool& cut_off_;
  int session_ = -1;
  int lease_session_ = -1;
};

}  // namespace fechatter::simulator
