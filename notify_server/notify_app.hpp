#pragma once

#include <optional>

#include "fechatter_core/auth/access_token.hpp"
#include "fechatter_core/nats/probe.hpp"
#include "fechatter_core/nats/revocation_channel.hpp"
#include "fechatter_core/observability/health.hpp"
#include "fechatter_core/otlp/tracing.hpp"
#include "fechatter_core/postgres/event_tickets.hpp"
#include "fechatter_core/postgres/revocation_feed.hpp"
#include "notify_server/log/replay_reader.hpp"
#include "notify_server/notify_settings.hpp"
#include "notify_server/presence/presence_service.hpp"
#include "notify_server/stream/delivery_reporter.hpp"
#include "notify_server/stream/hub.hpp"
#include "notify_server/typing/typing_channel.hpp"

namespace fechatter::notify {

// Owns all parts of notify_server. Each part uses the ones above it; the hub also calls the four
// below it (database, replay reader, presence, typing), from start() to stop() only. main creates
// and drains it; handlers use the public part, on the front's threads.
class NotifyApp {
 public:
  // Reads the public key, and connects to nothing yet. Throws std::runtime_error that names what is
  // missing.
  NotifyApp(const NotifySettings& settings, asio::io_context& io);
  ~NotifyApp();

  // Blocks until the rings are warm and the revoked sessions are known, 5 s at most; then listens.
  // REQUIRES: `io` is run by another thread. Throws std::system_error when the port is taken.
  void start();
  // Stops accepting, and closes the streams spread over `events.drain_ms`.
  void drain();
  std::uint16_t port() const { return listener_->port(); }
  // Nothing: the listener for operators is switched off.
  std::optional<std::uint16_t> admin_port() const;

  const NotifySettings& settings() const { return settings_; }
  Hub& hub() { return hub_; }
  PresenceService& presence() { return presence_; }
  // For requests.
  postgres::Database& database() { return database_; }
  // The identity in an access token. Throws unauthenticated, and what `before` throws.
  auth::Identity authenticate(std::string_view token, const auth::BeforeVerifying& before) const;
  // Throws unauthenticated when the session is revoked, or its token has expired, and
  // database_unavailable until it is known which sessions are revoked.
  void require_open_session(const auth::Identity& identity) const;
  // Charges the user's rate of opening streams. Throws rate_limited with the time to wait.
  void charge_open(UserId user);
  // Likewise, of subscribing to presence, which a client does once for each stream.
  void charge_subscription(UserId user);
  // auth::check_ticket. Throws unauthenticated, and what `before` throws.
  void require_signed_ticket(std::string_view ticket, const auth::BeforeVerifying& before) const;
  postgres::EventTickets& tickets() { return tickets_; }
  const http::Edge& edge() const { return router_.edge(); }
  awaitable<observability::HealthReport> check_health();
  // Busy connections over all of the pool: 0..1.
  double database_pool_usage() const;
  const observability::Metrics& metrics() const { return metrics_; }

 private:
  void wait_for_warm_up();
  void add_metrics();
  void charge(http::RateLimiter& limiter, UserId user) const;

  const NotifySettings settings_;
  asio::io_context& io_;
  const otlp::Tracing tracing_;
  const auth::TokenVerifier verifier_;
  auth::RevokedSessions revoked_;
  http::RateLimiter opens_;
  http::RateLimiter subscribes_;

  DeliveryLog deliveries_;
  Hub hub_;
  // Below the hub: its threads end by resuming coroutines on the shards.
  postgres::Database database_;
  ReplayReader replay_reader_;
  postgres::Database background_;  // so that health and revocations never wait for memberships
  postgres::RevocationFeed revocation_feed_;
  nats::RevocationChannel revocations_;
  PresenceService presence_;
  TypingChannel typing_;
  DeliveryReporter delivery_reporter_;
  postgres::EventTickets tickets_;
  nats::Probe nats_probe_;
  observability::HealthChecker health_;
  EventConsumer consumer_;

  std::atomic<bool> draining_{false};
  observability::Metrics metrics_;
  http::Router router_;
  std::optional<http::Listener> listener_;
  std::optional<http::AdminServer> admin_;
};

}  // namespace fechatter::notify
