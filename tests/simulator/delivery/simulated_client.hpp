#pragma once

#include <string>

#include "tests/simulator/delivery/instance.hpp"

namespace fechatter::simulator {

// A client: opens streams, reads them or does not, disconnects, and reconnects with its last id.
// Checks what it receives against the truth; a violation throws std::logic_error.
class SimulatedClient {
 public:
  SimulatedClient(UserId user, const Truth& truth, const Stream& stream)
      : user_{user}, truth_{truth}, stream_{stream} {}
  ~SimulatedClient();
  SimulatedClient(const SimulatedClient&) = delete;
  SimulatedClient& operator=(const SimulatedClient&) = delete;

  void connect(Instance& instance, std::mt19937_64& chance);
  void disconnect();
  bool connected() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }
  // Reads what the socket has, at most so many bytes.
  void read(std::size_t max);

  // Live, with the position of the last event of the stream.
  bool is_at_head() const;
  // After the last fault: no event is missing.
  void require_everything() const;
  std::string cursor() const { return cursor_; }

 private:
  void check_frame(const std::string& frame);
  void check_event(std::int64_t id);
  void check_replayed(const Commit& event, Position at) const;
  void begin_at(Position position);
  void require_all_up_to(std::size_t count) const;

  const UserId user_;
  const Truth& truth_;
  const Stream& stream_;
  int descriptor_ = -1;
  const Instance* instance_ = nullptr;  // of the last connection …
  Position connected_at_;               // … and its position then
  std::string unread_;
  std::string cursor_;                // the last id
  bool caught_up_ = false;            // on this connection
  bool in_part_ = false;              // of a replay
  bool begun_ = false;                // owed the events since begun_at_
  std::size_t begun_at_ = 0;          // the number of messages of the stream then
  Position last_;                     // of the last event on this connection
  std::set<std::int64_t> delivered_;  // since then
  std::set<std::int64_t> delivered_before_reset_;
};

}  // namespace fechatter::simulator
