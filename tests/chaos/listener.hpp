#pragma once

#include <map>
#include <memory>
#include <optional>

#include "tests/chaos/traffic.hpp"

namespace fechatter::chaos {

// How far a listener has come: the newest event of each chat, and the last Reset, before which it
// has what REST says.
struct Progress {
  std::int64_t listener = 0;
  std::int64_t person = 0;
  std::map<std::int64_t, std::int64_t> newest;
  Micros reset_at = 0;

  bool has(std::int64_t chat, std::int64_t event, Micros created) const {
    const auto found = newest.find(chat);
    return created < reset_at || (found != newest.end() && found->second >= event);
  }
};

// Somebody's stream of events: opened anywhere, left and resumed with the last id, sometimes read
// a byte at a time; and all that came. The clients' thread only.
class Listener {
 public:
  Listener(Traffic& traffic, std::int64_t number, std::int64_t person);

  awaitable<> run();
  // Ends the present connection; it comes back at once.
  void drop();

  const Progress& progress() const { return progress_; }
  Listening take() { return std::move(listening_); }

 private:
  awaitable<> visit();
  awaitable<bool> open(std::uint16_t port);
  awaitable<> read();
  void take_frames();
  void take_frame(std::string_view frame);
  void note(Seen seen);

  Traffic& traffic_;
  const Person& person_;
  Listening listening_;
  Progress progress_;
  std::shared_ptr<http::TimedSocket> socket_;
  std::string buffer_;
  std::string cursor_;
  bool slow_ = false;
  bool at_once_ = false;
};

}  // namespace fechatter::chaos
