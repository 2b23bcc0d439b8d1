#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "fechatter_core/auth/revoked_sessions.hpp"
#include "fechatter_core/nats/realtime_channel.hpp"

namespace fechatter::nats {

// Publishes ended sessions to all instances of both processes, and receives theirs. Core NATS:
// messages are lost while it is away, and no revocation is, because every instance reads the
// database twice a second (postgres::RevocationFeed).
class RevocationChannel {
 public:
  using OnRevoked = std::function<void(const std::vector<SessionId>&)>;

  // `on_revoked` is called with sessions that were not known as revoked yet: on the channel's
  // thread, or on that of announce().
  RevocationChannel(Settings settings, auth::RevokedSessions& revoked, OnRevoked on_revoked = {});

  // Revokes in this instance at once, and publishes to the others. Any thread; does not throw when
  // NATS is away.
  void announce(const std::vector<SessionId>& sessions);

  // Whether the subscription is active.
  bool connected() const { return channel_.connected(); }

 private:
  void receive(std::string_view text);
  void add(const std::vector<SessionId>& sessions);

  auth::RevokedSessions& revoked_;
  const OnRevoked on_revoked_;
  RealtimeChannel channel_;
};

// The text of a message: "12 13 14", 1,000 sessions at most. Nothing for any other text.
std::optional<std::vector<SessionId>> parse_sessions(std::string_view text);

}  // namespace fechatter::nats
