#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>

#include "tests/chaos/traffic.hpp"

namespace fechatter::chaos {

// The progress of a subscriber: the newest event of each chat, the events for the person's own
// sessions, and the last Reset or first CaughtUp, up to which a client takes all from REST.
struct Progress {
  std::int64_t subscriber = 0;
  std::int64_t person = 0;
  std::map<std::int64_t, std::int64_t> newest;
  std::set<std::int64_t> own;
  Micros reset_at = 0;

  bool has(std::int64_t chat, std::int64_t event, Micros created) const {
    const auto found = newest.find(chat);
    return created < reset_at || (found != newest.end() && found->second >= event);
  }
  bool has_own(std::int64_t event, Micros created) const {
    return created < reset_at || own.contains(event);
  }
};

// A subscriber that opens its stream at any instance, closes and resumes it with the last id,
// sometimes reads slowly, and logs every frame. The clients' thread only.
class Subscriber {
 public:
  Subscriber(Traffic& traffic, std::int64_t number, std::int64_t person);

  awaitable<> run();
  // Ends the present connection; the subscriber reconnects at once.
  void drop();

  const Progress& progress() const { return progress_; }
  SubscriberLog take() { return std::move(log_); }

 private:
  awaitable<> hold_connection();
  awaitable<bool> open(std::uint16_t port);
  awaitable<> read();
  void take_frames();
  void take_frame(std::string_view frame);
  void note_progress(const StreamEntry& entry);
  void note(StreamEntry entry);

  Traffic& traffic_;
  const Person& person_;
  SubscriberLog log_;
  Progress progress_;
  std::shared_ptr<http::TimedSocket> socket_;
  std::string buffer_;
  std::string cursor_;
  bool fresh_ = false;  // connected without a cursor
  bool slow_ = false;
  bool reconnects_at_once_ = false;
};

}  // namespace fechatter::chaos
