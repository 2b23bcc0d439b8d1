#include "notify_server/notify_settings.hpp"

namespace fechatter::notify {
namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t mebibyte = 1024 * 1024;

void bind_storage(Config& config, NotifySettings& settings) {
  config.bind("database.url", settings.database_url);
  config.bind("database.pool_size", settings.pool_size, 1, 1000);
  config.bind("database.queue_max", settings.queue_max, 1, 1'000'000);
  config.bind("database.statement_timeout_ms", settings.statement_timeout, 100, 10 * minute_ms);
  config.bind("nats.url", settings.nats.url, nats::check_servers);
  config.bind("nats.user", settings.nats.user);
  config.bind("nats.password_file", settings.nats_password_file);
}

void bind_events(Config& config, NotifySettings& settings) {
  auto& shard = settings.shard;
  config.bind("events.streams_max", settings.streams_max, 1, 10'000'000);
  config.bind("events.ring_events", shard.ring.events, 1, 10'000'000);
  config.bind("events.ring_bytes", shard.ring.bytes, mebibyte, 16 * 1024 * mebibyte);
  config.bind("events.ring_minutes", settings.ring, 1, 24 * 60);
  config.bind("events.replays", settings.replays, 1, 64);
  config.bind("events.replay_events_max", shard.replay_events_max, 0, 1'000'000'000);
  config.bind("events.connection_events_max", shard.connection_events_max, 16, 1'000'000);
  config.bind("events.connection_bytes_max", shard.connection_bytes_max, 64 * 1024,
              1024 * mebibyte);
  config.bind("events.connections_per_user", shard.connections_per_user, 1, 10'000);
  config.bind("events.heartbeat_seconds", settings.heartbeat, 1, 3600);
  config.bind("events.known_user_minutes", settings.known_user, 0, 24 * 60);
  config.bind("events.retry_ms", shard.retry, 0, 10 * minute_ms);
  config.bind("events.drain_ms", settings.drain, 0, 10 * minute_ms);
  config.bind("events.cursor_wait_ms", shard.cursor_wait, 0, minute_ms);
  config.bind("events.presence_grace_ms", settings.presence.grace, 0, 10 * minute_ms);
  config.bind("events.presence_digest_ms", settings.presence.digest, 100, 10 * minute_ms);
  config.bind("events.presence_away_ms", settings.presence.away, 100, 24 * 60 * minute_ms);
  config.bind("events.presence_interval_ms", settings.presence.interval, 0, 10 * minute_ms);
  config.bind("events.presence_changes_max", settings.presence.changes_max, 0, 10'000);
}

}  // namespace

void bind(Config& config, NotifySettings& settings) {
  config.bind("server.address", settings.address);
  config.bind("server.port", settings.port, 0, 65'535);
  config.bind("server.io_threads", settings.io_threads, 0, 256);
  config.bind("server.shards", settings.shards, 0, 256);
  http::bind_http(config, settings.http, settings.edge);
  http::bind_admin(config, settings.admin);
  http::bind_user_limits(config, settings.edge.limits);
  config.bind("limits.streams_per_minute", settings.opens.count, 1, 1'000'000'000);
  config.bind("limits.streams_burst", settings.opens.burst, 1, 10'000'000);
  http::bind_stranger_limits(config, settings.edge.limits);
  bind_log(config, settings.log);
  bind_storage(config, settings);
  config.bind("auth.public_key", settings.public_key);
  config.bind("auth.query_token", settings.query_token);
  config.bind("auth.access_token_seconds", settings.access_life, 15 * 60, 30 * 60);
  bind_events(config, settings);
}

NotifySettings load_settings(const ConfigSources& sources) {
  NotifySettings settings;
  Config config;
  bind(config, settings);
  config.load(sources);
  nats::set_program(settings.nats, "notify_server", settings.nats_password_file);
  settings.tracing = otlp::read_settings(sources.environment, "notify_server");
  settings.shard.heartbeat = settings.heartbeat;
  settings.shard.known_user = settings.known_user;
  return settings;
}

}  // namespace fechatter::notify
