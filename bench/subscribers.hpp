#pragma once

#include <queue>
#include <string>
#include <vector>

#include "bench/crowd.hpp"

namespace fechatter::bench {

// The subscribers of a crowd: their sockets and one epoll loop. One thread.
class Subscribers {
 public:
  Subscribers(const CrowdOptions& options, CrowdNotes& notes, int goal_reached, int command);

  // Runs until a signal.
  void run();

 private:
  enum class State : std::uint8_t { away, connecting, requesting, open };
  struct Subscriber {
    int descriptor = -1;
    State state = State::away;
    bool after_newline = false;
    std::string unread;  // before CaughtUp; with `returns` always
    std::string last_id;
    int retry_ms = 0;
  };
  struct Return {
    std::int64_t at_ns;
    std::size_t subscriber;
    bool operator>(const Return& other) const { return at_ns > other.at_ns; }
  };

  void connect_due();
  void connect_one(std::size_t index);
  void send_request(std::size_t index);
  void read(std::size_t index);
  void take(Subscriber& subscriber, std::string_view bytes);
  bool take_head(Subscriber& subscriber);
  void take_frames(Subscriber& subscriber);
  void take_frame(Subscriber& subscriber, std::string_view frame);
  void count(Subscriber& subscriber, std::string_view bytes);
  void note_stamps(std::string_view bytes);
  void lose(std::size_t index);
  void close_all();
  void signal_goal();
  int milliseconds_to_wait() const;

  const CrowdOptions& options_;
  CrowdNotes& notes_;
  const int goal_reached_;
  const int command_;
  const int epoll_;
  std::vector<Subscriber> subscribers_;
  std::priority_queue<Return, std::vector<Return>, std::greater<>> away_;
  std::size_t arriving_ = 0;
  std::size_t rounds_ = 0;  // of reconnecting; each uses other source addresses
  std::vector<char> buffer_;
};

}  // namespace fechatter::bench
