#pragma once

#include <queue>
#include <string>
#include <vector>

#include "bench/crowd.hpp"

namespace fechatter::bench {

// The inside of a crowd: its sockets and one epoll loop. One thread.
class Listeners {
 public:
  Listeners(const CrowdOptions& options, CrowdNotes& notes, int goal_reached, int command);

  // Until a signal.
  void run();

 private:
  enum class State : std::uint8_t { away, connecting, asking, open };
  struct Listener {
    int descriptor = -1;
    State state = State::away;
    bool after_newline = false;
    std::string unread;  // until it is open; of those who return always
    std::string last_id;
    int retry_ms = 0;
  };
  struct Return {
    std::int64_t at_ns;
    std::size_t listener;
    bool operator>(const Return& other) const { return at_ns > other.at_ns; }
  };

  void begin_those_due();
  void connect_one(std::size_t index);
  void ask(std::size_t index);
  void read(std::size_t index);
  void take(Listener& listener, std::string_view bytes);
  bool take_head(Listener& listener);
  void take_frames(Listener& listener);
  void take_frame(Listener& listener, std::string_view frame);
  void count(Listener& listener, std::string_view bytes);
  void note_stamps(std::string_view bytes);
  void lose(std::size_t index);
  void close_all();
  void tell_goal();
  int milliseconds_to_wait() const;

  const CrowdOptions& options_;
  CrowdNotes& notes_;
  const int goal_reached_;
  const int command_;
  const int epoll_;
  std::vector<Listener> listeners_;
  std::priority_queue<Return, std::vector<Return>, std::greater<>> away_;
  std::size_t arriving_ = 0;
  std::size_t rounds_ = 0;  // of reconnecting: each from other addresses
  std::vector<char> buffer_;
};

}  // namespace fechatter::bench
