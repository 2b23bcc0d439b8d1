#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/child.hpp"
#include "bench/event_loop.hpp"
#include "bench/histogram.hpp"

// Thousands of cheap subscribers in a process of their own, used for the measured server and for
// its baseline alike.
namespace fechatter::bench {

// Nanoseconds of the monotonic clock, which all processes of the machine share.
std::int64_t now_ns();
// The first character of a timestamp, which must not occur elsewhere in the stream. Not '@': each
// message would then have a name to look for.
constexpr char stamp_mark = '^';
// A timestamp in a message, from which a subscriber computes its age: the mark and 19 digits.
std::string stamp_of(std::int64_t ns);

struct CrowdOptions {
  std::uint16_t port = 0;
  std::vector<std::string> requests;  // one per subscriber, without the final empty line
  std::size_t at_once = 100;          // connections being opened at the same time
  bool reads_stamps = false;
  // Parses each frame, and reconnects with the last event id after the time of `retry:`.
  bool returns = false;
};

// The counters of the subscribers, written by their process.
struct CrowdNotes {
  std::atomic<std::size_t> open{0};      // present connections with a CaughtUp
  std::atomic<std::size_t> frames{0};    // after CaughtUp
  std::atomic<std::size_t> bytes{0};     // of these frames
  std::atomic<std::size_t> messages{0};  // NewMessage, only with `returns`
  std::atomic<std::size_t> resets{0};    // Reset, only with `returns`
  std::atomic<std::size_t> closed{0};    // connections closed by the server
  std::atomic<std::size_t> failed{0};    // failed attempts to connect
  std::atomic<std::size_t> refused{0};   // responses other than 200
  std::atomic<std::size_t> goal{0};      // number of frames that is signalled to the parent
  std::atomic<std::int64_t> last_open_ns{0};
  Histogram age;  // of stamped messages on arrival
};

class Crowd {
 public:
  // Starts opening the streams.
  explicit Crowd(CrowdOptions options);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // Throws when a stream is refused or not all are open within `time`.
  void wait_until_open(std::chrono::seconds time);
  // False when fewer frames arrive within `time`.
  bool wait_for_frames(std::size_t count, std::chrono::milliseconds time);
  // Closes and reopens all streams at once. Returns the beginning, by now_ns().
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

// The request of a subscriber with this token, without the final empty line.
std::string stream_request(const std::string& token);

}  // namespace fechatter::bench
