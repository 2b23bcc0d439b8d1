#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "fechatter_core/auth/revoked_sessions.hpp"
#include "fechatter_core/nats/realtime_channel.hpp"

namespace fechatter::nats {

// Tells all instances of both processes, at once, which sessions have ended. Core NATS: while it is
// away nothing is told and nothing is lost, for the database has the truth and every instance reads
// it twice a second (postgres::RevocationFeed).
class RevocationChannel {
 public:
  using OnRevoked = std::function<void(const std::vector<SessionId>&)>;

  // `on_revoked` is called with sessions that were not known before: on the channel's thread, or on
  // the one that announces.
  RevocationChannel(Settings settings, auth::RevokedSessions& revoked, OnRevoked on_revoked = {});

  // Here at once, elsewhere as fast as NATS is. Any thread; never throws for want of NATS.
  void announce(const std::vector<SessionId>& sessions);

  // Whether it hears the others at this moment.
  bool connected() const { return channel_.connected(); }

 private:
  void hear(std::string_view text);
  void add(const std::vector<SessionId>& sessions);

  auth::RevokedSessions& revoked_;
  const OnRevoked on_revoked_;
  RealtimeChannel channel_;
};

// "12 13 14", 1,000 at most: what travels. Nothing for what is not that.
std::optional<std::vector<SessionId>> parse_sessions(std::string_view text);

}  // namespace fechatter::nats
