#pragma once

#include <functional>
#include <mutex>

#include "fechatter_core/nats/realtime_channel.hpp"
#include "notify_server/presence/presence.hpp"

namespace fechatter::notify {

// Presence as all instances share it, over core NATS. While that is away it knows what happens
// here, and the others as they were. Any thread.
class PresenceChannel {
 public:
  using OnChanges = std::function<void(const std::vector<PresenceChange>&)>;

  // `on_changes` is called on the channel's thread, once a second at most.
  PresenceChannel(nats::Settings nats, const PresenceSettings& settings, OnChanges on_changes);

  // Somebody's first stream here has opened, or the last one has closed.
  void note(OnlineUser user, bool online);
  // On any instance.
  std::vector<UserId> online_of(WorkspaceId workspace) const;
  // Tells the others that nobody is here any more, and hears nothing from here on.
  void leave();

 private:
  void hear(std::string_view text);
  void take_turn();

  const OnChanges on_changes_;
  mutable std::mutex mutex_;
  Presence presence_;
  nats::RealtimeChannel channel_;
};

}  // namespace fechatter::notify
