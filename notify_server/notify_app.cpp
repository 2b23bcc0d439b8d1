#include "notify_server/notify_app.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_future.hpp>

#include "fechatter_core/auth/ticket.hpp"
#include "fechatter_core/http/http_metrics.hpp"
#include "fechatter_core/observability/dependencies.hpp"
#include "fechatter_core/observability/dependency_metrics.hpp"
#include "fechatter_core/observability/process_metrics.hpp"
#include "fechatter_core/observability/trace_metrics.hpp"
#include "notify_server/notify_metrics.hpp"
#include "notify_server/notify_routes.hpp"

namespace fechatter::notify {
namespace {

constexpr std::chrono::seconds warm_up_timeout{5};

std::size_t or_cores(std::size_t wanted) {
  return wanted > 0 ? wanted : std::max(1U, std::thread::hardware_concurrency());
}

postgres::DatabaseSettings database_settings(const NotifySettings& settings) {
  return {settings.database_url,
          fmt::format("-c statement_timeout={}", settings.statement_timeout.count()),
          settings.pool_size, settings.queue_max};
}

postgres::DatabaseSettings background_settings(const NotifySettings& settings) {
  return {settings.database_url, "-c statement_timeout=900", 1, 16};
}

ConsumerSettings consumer_settings(const NotifySettings& settings,
                                   const observability::TracerPtr& tracer) {
  return {nats::named(settings.nats, "events"),
          {settings.ring, settings.shard.ring.events, DedupBitmap::default_window, tracer},
          settings.database_url};
}

ReplaySettings replay_settings(const NotifySettings& settings) {
  return {nats::named(settings.nats, "replays"), settings.database_url, settings.replays};
}

}  // namespace

NotifyApp::NotifyApp(const NotifySettings& settings, asio::io_context& io)
    : settings_{settings},
      io_{io},
      tracing_{settings.tracing},
      verifier_{auth::load_verifying_keys(settings.public_key)},
      revoked_{settings.access_life},
      opens_{settings.opens, settings.edge.limits.buckets_max},
      subscribes_{settings.opens, settings.edge.limits.buckets_max},
      hub_{or_cores(settings.shards),
           settings.shard,
           CatchUpSources{[this](std::vector<UserId> users) {
                            return postgres::read_memberships(database_, std::move(users));
                          },
                          [this](WorkspaceId workspace, FrameId after, std::uint64_t to) {
                            return replay_reader_.read(workspace, after, to);
                          },
                          [this](std::vector<MessageKey> messages) {
                            return postgres::read_message_versions(database_, std::move(messages));
                          },
                          [this](std::vector<SessionId> sessions) {
                            return postgres::read_open_sessions(database_, std::move(sessions));
                          }},
           revoked_,
           [this](PresenceUser user, SessionId session, bool opened) {
             presence_.set_stream(user, session, opened);
           },
           [this](const std::vector<StreamUpdate>& updates) { typing_.on_delivered(updates); },
           &deliveries_},
      database_{database_settings(settings)},
      replay_reader_{replay_settings(settings)},
      background_{background_settings(settings)},
      revocation_feed_{
          background_, revoked_,
          [this](const std::vector<SessionId>& revoked) { hub_.close_sessions(revoked); }},
      revocations_{nats::named(settings.nats, "revocations"), revoked_,
                   [this](const std::vector<SessionId>& revoked) { hub_.close_sessions(revoked); }},
      presence_{settings.nats, settings.presence, database_, hub_, io},
      typing_{
          nats::named(settings.nats, "activity"),
          {.on_activity =
               [this](const event::ActivityMessage& message) { presence_.note(message); },
           .on_events =
               [this](const std::vector<EventPtr>& events) { hub_.fan_out_ephemeral(events); }}},
      delivery_reporter_{nats::named(settings.nats, "deliveries"), deliveries_},
      tickets_{database_},
      nats_probe_{nats::named(settings.nats, "health")},
      health_{observability::dependency_checks(background_, nats_probe_, revocation_feed_)},
      consumer_{consumer_settings(settings, tracing_.tracer()), hub_},
      router_{make_routes(*this),
              [this](std::string_view token, const auth::BeforeVerifying& before) {
                return authenticate(token, before);
              },
              http::make_edge(settings.edge, tracing_.tracer())} {
  add_metrics();
  if (settings_.admin.enabled) admin_.emplace(settings_.admin, metrics_);
}

NotifyApp::~NotifyApp() {
  admin_.reset();
  listener_.reset();
  consumer_.stop();
  hub_.stop();
}

void NotifyApp::add_metrics() {
  observability::add_process_metrics(metrics_);
  observability::add_dependency_metrics(metrics_, health_);
  observability::add_pool_metrics(metrics_, {{"requests", database_}, {"background", background_}});
  observability::add_trace_metrics(metrics_, tracing_.tracer());
  http::add_http_metrics(metrics_, router_,
                         [this] { return listener_ ? listener_->connections() : 0; });
  add_stream_metrics(metrics_, hub_);
  add_consumer_metrics(metrics_, consumer_);
}

std::optional<std::uint16_t> NotifyApp::admin_port() const {
  if (!admin_) return std::nullopt;
  return admin_->port();
}

void NotifyApp::start() {
  hub_.start();
  consumer_.start();
  wait_for_warm_up();
  const Executor strand{io_.get_executor()};
  asio::co_spawn(strand, revocation_feed_.run(), asio::detached);
  asio::co_spawn(strand, health_.watch(), asio::detached);
  presence_.start();
  listener_.emplace(io_, settings_.address, settings_.port, settings_.http, router_);
  listener_->start();
  if (admin_) admin_->start();
}

// Without NATS or the database it starts all the same: new streams wait for them, or get a 503.
void NotifyApp::wait_for_warm_up() {
  const auto deadline = std::chrono::steady_clock::now() + warm_up_timeout;
  const Executor strand{io_.get_executor()};
  auto loaded = asio::co_spawn(strand, revocation_feed_.load(), asio::use_future);
  const bool is_connected = consumer_.wait_until_warmed_up(warm_up_timeout) &&
                            presence_.wait_until_informed(deadline) &&
                            typing_.wait_until_connected(deadline);
  if (!is_connected) spdlog::warn("starting without NATS");
  postgres::wait_at_start(std::move(loaded), deadline);
}

void NotifyApp::drain() {
  draining_ = true;
  // First stop accepting, so that the clients of closed streams reconnect elsewhere.
  listener_->drain(std::chrono::seconds{1});
  hub_.drain(settings_.drain);
  presence_.leave();
}

auth::Identity NotifyApp::authenticate(std::string_view token,
                                       const auth::BeforeVerifying& before) const {
  auto identity = verifier_.verify(token, before);
  require_open_session(identity);
  return identity;
}

void NotifyApp::require_open_session(const auth::Identity& identity) const {
  if (revoked_.contains(identity.session_id) || identity.expires_at <= now()) {
    throw Error{ErrorCode::unauthenticated, "This session is over."};
  }
  revocation_feed_.require_loaded();
}

void NotifyApp::charge_open(UserId user) {
  charge(opens_, user);
}

void NotifyApp::charge_subscription(UserId user) {
  charge(subscribes_, user);
}

void NotifyApp::charge(http::RateLimiter& limiter, UserId user) const {
  if (!settings_.edge.limits.enabled) return;
  const auto allowance = limiter.charge(static_cast<std::uint64_t>(user.value));
  if (!allowance.allowed) throw http::rate_refusal(allowance);
}

void NotifyApp::require_signed_ticket(std::string_view ticket,
                                      const auth::BeforeVerifying& before) const {
  auth::check_ticket(verifier_.keys(), ticket, before);
}

awaitable<observability::HealthReport> NotifyApp::check_health() {
  return health_.check(draining_);
}

double NotifyApp::database_pool_usage() const {
  return static_cast<double>(database_.busy()) / static_cast<double>(database_.size());
}

}  // namespace fechatter::notify
