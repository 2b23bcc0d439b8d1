#pragma once

#include <deque>
#include <map>
#include <set>
#include <unordered_map>

#include "fechatter_core/event/event_stream.hpp"
#include "tests/simulator/simulation.hpp"

namespace fechatter::simulator {

// The number behind a key in an envelope or a frame; 0 when there is none.
std::int64_t number_in(std::string_view text, std::string_view key);
inline std::int64_t uid_in(std::string_view text) {
  return number_in(text, "\"uid\":");
}
inline std::int64_t workspace_in(std::string_view text) {
  return number_in(text, "\"workspace_id\":");
}

// The stored stream.
struct StoredStream {
  std::int64_t created_ns = 0;
  std::uint64_t last_seq = 0;
  std::map<std::uint64_t, event::StreamMessage> messages;
  std::unordered_map<std::string, std::int64_t> seen;  // message id → when
  std::string last_id;
  std::uint64_t first_seq() const {
    return messages.empty() ? last_seq + 1 : messages.begin()->first;
  }
};

// A nats-server with JetStream that answers late or not at all, dies, and loses stored messages. As
// the real one does, it reuses sequences after a lost tail, silently moves a start beyond its head
// back, and refuses message ids that it has stored within two minutes.
class SimulatedNats {
 public:
  explicit SimulatedNats(Simulation& simulation) : simulation_{simulation} {}

  // The faults.
  void kill();
  void start() { up_ = true; }
  void lose_tail(std::uint64_t count);
  void lose_middle();
  // While the server is up: the stream was removed.
  void lose_all() {
    stream_.reset();
    has_lost_ = true;
  }
  // Whether one of the last three has ever happened.
  bool has_lost() const { return has_lost_; }
  bool up() const { return up_; }
  const std::optional<StoredStream>& stream() const { return stream_; }

  // Called with what is published on verify_subject.
  std::function<void(const event::StreamObservation&)> on_observation = [](const auto&) {};
  // Called for each message that is stored.
  std::function<void(const StoredStream&, const event::StreamMessage&)> on_store =
      [](const auto&, const auto&) {};

  // Publications arrive in the order of their connection, even when the publisher is dead by then.
  void deliver_one();

 private:
  friend class SimulatedStream;
  friend class SimulatedReader;
  struct OnTheWay {
    std::uint64_t ticket = 0;
    std::uint64_t expected_last_seq = 0;
    std::string expected_last_id;
    event::StreamMessage message;
  };
  struct Connection {
    const bool* cut_off = nullptr;  // then publications wait
    std::deque<OnTheWay> on_the_way;
    std::deque<event::PublishAck> acks;
    std::uint64_t tickets = 0;
  };

  void receive(Connection& connection);
  std::uint64_t store(OnTheWay publication);

  Simulation& simulation_;
  bool up_ = true;
  bool has_lost_ = false;
  int generation_ = 0;  // a connection of an earlier one is dead
  std::optional<StoredStream> stream_;
  std::vector<std::shared_ptr<Connection>> connections_;
};

// One connection to it.
class SimulatedStream final : public event::EventStream {
 public:
  // Throws when NATS is down.
  SimulatedStream(Simulation& simulation, SimulatedNats& nats, const bool& cut_off);

  std::optional<event::StreamState> find_state() override;
  event::StreamState create() override;
  void purge(std::uint64_t last_seq) override;
  std::optional<event::StreamMessage> find_message(std::uint64_t stream_seq) override;
  std::vector<std::uint64_t> find_missing() override;
  void erase(std::uint64_t stream_seq) override;
  std::vector<event::StreamMessage> read_range(std::uint64_t first, std::uint64_t last) override;
  // Now and then a message is left out, or the answer is shorter than it could be.
  event::WorkspaceRange read_workspace(WorkspaceId workspace, std::uint64_t first,
                                       const event::ReadLimits& limits) override;
  std::unique_ptr<event::EventReader> follow(const event::StartAt& start) override;
  std::uint64_t publish(const event::Publication& publication) override;
  std::optional<event::PublishAck> next_ack(milliseconds timeout) override;
  void request_verification(const event::StreamObservation& seen) override;

 private:
  friend class SimulatedReader;
  // A request and its answer; between them the server may be lost.
  template <class F>
  auto request(F answer);
  void require_alive() const;
  event::StreamState state() const;

  Simulation& simulation_;
  SimulatedNats& nats_;
  const bool& cut_off_;
  const int generation_;
  const std::shared_ptr<SimulatedNats::Connection> connection_;
};

}  // namespace fechatter::simulator
