#pragma once

#include <string>

#include "tests/simulator/delivery/instance.hpp"

namespace fechatter::simulator {

// A client: opens streams, reads them or does not, goes away and comes back with the last id that
// it saw; and what it has been told, checked against the truth. A violation throws
// std::logic_error.
class Listener {
 public:
  Listener(UserId user, const Truth& truth, const Stream& stream)
      : user_{user}, truth_{truth}, stream_{stream} {}
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void connect(Instance& instance, std::mt19937_64& chance);
  void disconnect();
  bool connected() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }
  // Takes what has come, at most so many bytes.
  void read(std::size_t max);

  // Live, with the position of the last event that there is.
  bool is_at_the_end() const;
  // After the end of all trouble: nothing is owed.
  void require_everything() const;
  std::string cursor() const { return cursor_; }

 private:
  void take(const std::string& frame);
  void take_event(std::int64_t id);
  void begin_at(Position position);
  void require_all_up_to(std::size_t count) const;

  const UserId user_;
  const Truth& truth_;
  const Stream& stream_;
  int descriptor_ = -1;
  const Instance* instance_ = nullptr;  // the last one …
  Position connected_at_;               // … and where it was
  std::string unread_;
  std::string cursor_;           // the last id
  bool caught_up_ = false;       // on this connection
  bool in_part_ = false;         // of a replay
  bool begun_ = false;           // there is something to be owed since begun_at_
  std::size_t begun_at_ = 0;     // messages of the stream then
  Position last_;                // of the last event told on this connection
  std::set<std::int64_t> told_;  // since then
  std::set<std::int64_t> told_before_reset_;
};

}  // namespace fechatter::simulator
