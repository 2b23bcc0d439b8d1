#pragma once

#include <string>

#include "fechatter_core/auth/identity.hpp"
#include "fechatter_core/event/activity_message.hpp"
#include "fechatter_core/http/rate_limiter.hpp"
#include "fechatter_core/nats/realtime_channel.hpp"
#include "fechatter_core/postgres/presence_rows.hpp"

namespace fechatter::server {

// Publishes to all instances of notify_server that users are active, what they say about being
// away, and where they type. Core NATS: lost while it is away, but for what users say about being
// away, which is also stored, at most once a minute for each user. Any thread; never blocks for
// long.
class ActivityReports {
 public:
  // `sessions_max`: that are remembered, 130 bytes each.
  ActivityReports(nats::Settings nats, postgres::Database& database, std::size_t sessions_max);

  bool wait_until_connected(std::chrono::steady_clock::time_point deadline) {
    return channel_.wait_until_connected(deadline);
  }

  // The user has sent or read something. Published twice a minute for each session at most, so that
  // a request costs a look-up.
  void note_active(const auth::Identity& user);
  // `said`: online or away. `platform`: empty when it is not said.
  void say(const auth::Identity& user, PresenceStatus said, std::string platform);
  void type(const auth::Identity& user, event::ActivityMessage::Typing typing);

  // Stores what users have said. Never returns; ends with its executor. Spawn it detached, once.
  awaitable<> run() { return writer_.run(); }

 private:
  void publish(const event::ActivityMessage& message);

  http::RateLimiter active_;
  postgres::PresenceWriter writer_;
  nats::RealtimeChannel channel_;
};

}  // namespace fechatter::server
