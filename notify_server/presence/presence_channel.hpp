#pragma once

#include <functional>
#include <mutex>

#include "fechatter_core/nats/realtime_channel.hpp"
#include "notify_server/presence/presence.hpp"

namespace fechatter::notify {

// What is to be done with the database, on a turn of the channel.
struct PresenceWork {
  std::vector<PresenceChange> changes;  // to be fanned out
  std::vector<UserId> unread;           // whose words are to be read; 1,000 at most
};

// Presence, shared by all instances over core NATS. While NATS is down it knows the users of this
// instance, and the last state of the others. Any thread.
class PresenceChannel {
 public:
  struct Handlers {
    // Whether there may be more work; else changes wait and join.
    std::function<bool()> is_ready;
    // On the channel's thread, five times a second at most.
    std::function<void(PresenceWork)> on_work;
  };

  PresenceChannel(nats::Settings nats, const PresenceSettings& settings, Handlers handlers);

  // Waits until NATS is connected and the others' digests have come, as far as can be known, or
  // the time has come; returns whether NATS is connected. A client that asked earlier would miss
  // the users of other instances.
  bool wait_until_informed(SteadyClock::time_point deadline);
  void begin_reports();
  // An OnStream.
  void set_stream(PresenceUser user, SessionId session, bool opened);
  // As Presence.
  bool note_activity(PresenceUser user, SessionId session, const std::string& platform);
  void note_said(PresenceUser user, Said said);
  void read_again(const std::vector<UserId>& users);
  void repeat(const std::vector<PresenceChange>& changes);
  // On any instance.
  std::vector<UserId> present_in(WorkspaceId workspace) const;
  UserState state_of(UserId user) const;
  // Publishes that this instance ends; receives nothing from here on.
  void leave();

 private:
  void receive(std::string_view text);
  void run_turn();

  const Handlers handlers_;
  mutable std::mutex mutex_;
  Presence presence_;
  nats::RealtimeChannel channel_;
};

}  // namespace fechatter::notify
