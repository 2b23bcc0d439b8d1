#pragma once

#include <functional>
#include <mutex>

#include "fechatter_core/nats/realtime_channel.hpp"
#include "notify_server/presence/presence.hpp"

namespace fechatter::notify {

// Presence, shared by all instances over core NATS. While NATS is down it knows the users of this
// instance, and the last state of the others. Any thread.
class PresenceChannel {
 public:
  using OnChanges = std::function<void(const std::vector<PresenceChange>&)>;

  // `on_changes` is called on the channel's thread, once a second at most.
  PresenceChannel(nats::Settings nats, const PresenceSettings& settings, OnChanges on_changes);

  // An OnPresence.
  void set_status(PresenceUser user, PresenceStatus status);
  // On any instance.
  std::vector<UserId> online_of(WorkspaceId workspace) const;
  // Publishes that this instance ends; receives nothing from here on.
  void leave();

 private:
  void receive(std::string_view text);
  void run_turn();

  const OnChanges on_changes_;
  mutable std::mutex mutex_;
  Presence presence_;
  nats::RealtimeChannel channel_;
};

}  // namespace fechatter::notify
