#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/child.hpp"
#include "bench/event_loop.hpp"
#include "bench/histogram.hpp"

// Listeners by the thousand, as cheap as can be, in a process of their own. The same ones listen to
// what is measured and to what it is measured against.
namespace fechatter::bench {

// Nanoseconds of a clock that all processes of this machine share.
std::int64_t now_ns();
// What is written into a message so that a listener can tell how old it is: '@' and 19 digits. The
// character must be nowhere else in the stream.
std::string stamp_of(std::int64_t ns);

struct CrowdOptions {
  std::uint16_t port = 0;
  std::vector<std::string> requests;  // each listener's, to the end of its head
  std::size_t at_once = 100;          // that are on their way in
  bool reads_stamps = false;
  // Reads each frame, comes back when it is closed, with its last event id, after what `retry:`
  // said.
  bool returns = false;
};

// What the listeners have noted. Written by their process.
struct CrowdNotes {
  std::atomic<std::size_t> open{0};      // have been told CaughtUp, on the connection they have
  std::atomic<std::size_t> frames{0};    // since they were open
  std::atomic<std::size_t> bytes{0};     // of these
  std::atomic<std::size_t> messages{0};  // NewMessage; only of those who return
  std::atomic<std::size_t> resets{0};    // the same
  std::atomic<std::size_t> closed{0};    // connections, by the server
  std::atomic<std::size_t> failed{0};    // attempts to connect
  std::atomic<std::size_t> refused{0};   // answers that were not 200
  std::atomic<std::size_t> goal{0};      // frames: the parent is told when they are there
  std::atomic<std::int64_t> last_open_ns{0};
  Histogram age;  // of stamped messages on arrival
};

class Crowd {
 public:
  // Begins to open at once.
  explicit Crowd(CrowdOptions options);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // Throws when it is not so in time, or somebody was refused.
  void wait_until_open(std::chrono::seconds time);
  // False when there were fewer frames in time.
  bool wait_for_frames(std::size_t count, std::chrono::milliseconds time);
  // All at once: close, and come back. When they began to, by now_ns().
  std::int64_t reconnect();

  std::size_t size() const { return size_; }
  CrowdNotes& notes() const { return *notes_; }
  pid_t pid() const { return child_.pid(); }

 private:
  void live(const CrowdOptions& options) const;

  const std::size_t size_;
  const int goal_reached_;  // eventfd
  const int command_;       // eventfd: reconnect
  Shared<CrowdNotes> notes_;
  Child child_;
};

// The request of a listener with that token.
std::string stream_request(const std::string& token);

}  // namespace fechatter::bench
