#include "fechatter_server/server_settings.hpp"

namespace fechatter::server {
namespace {

constexpr std::int64_t day_seconds = 24 * 3600;
constexpr std::int64_t minute_ms = 60'000;

void bind_auth(Config& config, ServerSettings& settings) {
  auto& auth = settings.auth;
  config.bind("auth.private_key", settings.private_key);
  config.bind_choice("auth.sign_up", settings.sign_up, {"invitation", "closed", "open"});
  config.bind_choice("auth.workspace_join", settings.workspace_join, {"invitation", "open"});
  config.bind("auth.access_token_seconds", auth.access_life, 15 * 60, 30 * 60);
  config.bind("auth.refresh_token_seconds", auth.refresh_life, 3600, 90 * day_seconds);
  config.bind("auth.session_seconds", auth.session_life, 3600, 365 * day_seconds);
  config.bind("auth.invitation_seconds", auth.invitation_life, 60, 90 * day_seconds);
  config.bind("auth.device_seconds", auth.device_life, 3600, 365 * day_seconds);
  auto& passwords = settings.passwords;
  config.bind("auth.password_threads", passwords.threads, 1, 64);
  config.bind("auth.password_queue_max", passwords.queue_max, 1, 10'000);
  config.bind("auth.password_queue_ms", passwords.queue_deadline, 100, minute_ms);
  config.bind("auth.password_memory_kib", passwords.memory_kib, 8, 4 * 1024 * 1024);
  config.bind("auth.password_iterations", passwords.iterations, 1, 100);
}

void bind_failure_delays(Config& config, FailureDelaySettings& delays) {
  config.bind("limits.failures_free", delays.free, 1, 1'000'000'000);
  config.bind("limits.failure_delay_seconds", delays.delay, 1, day_seconds);
  config.bind("limits.failure_delay_max_seconds", delays.delay_max, 1, day_seconds);
}

void bind_storage(Config& config, ServerSettings& settings) {
  config.bind("database.url", settings.database_url);
  config.bind("database.migration_url", settings.migration_url);
  config.bind("database.notify_role", settings.notify_role);
  config.bind("database.pool_size", settings.pool_size, 1, 1000);
  config.bind("database.queue_max", settings.queue_max, 1, 1'000'000);
  config.bind("database.statement_timeout_ms", settings.statement_timeout, 100, 10 * minute_ms);
  config.bind("database.writers", settings.writers, 1, 64);
  config.bind("database.append_batch_max", settings.append_batch_max, 1, 10'000);
  config.bind("database.append_queue_max", settings.append_queue_max, 1, 1'000'000);
  config.bind("database.migrations", settings.migrations);
  config.bind("database.migrate_at_start", settings.migrate_at_start);
  config.bind("nats.url", settings.nats.url, nats::check_servers);
  config.bind("nats.user", settings.nats.user);
  config.bind("nats.password_file", settings.nats_password_file);
  config.bind("nats.stream_replicas", settings.stream_replicas, 1, 5);
  config.bind("nats.stream_max_age_hours", settings.stream_max_age, 1, 24 * 365);
  config.bind("nats.stream_max_mib", settings.stream_max_mib, 64, 64 * 1024 * 1024);
  config.bind("outbox.republish_seconds", settings.republish, 60, 7 * day_seconds);
  config.bind("outbox.batch_max", settings.relay_batch_max, 1, 4096);
  config.bind("outbox.batch_bytes_max", settings.relay_batch_bytes_max, 64 * 1024,
              64 * 1024 * 1024);
  config.bind("outbox.keep_days", settings.outbox_keep_days, 1, 365);
}

void bind_chats(Config& config, ChatLimits& limits) {
  config.bind("chats.members_max", limits.members_max, 3, 10'000'000);
  config.bind("chats.made_per_day", limits.made_per_day, 1, 1'000'000);
  config.bind("chats.added_per_day", limits.added_per_day, 1, 10'000'000);
  config.bind("chats.restore_days", limits.restore_days, 1, 3650);
  event::bind_fan_out(config, limits.fan_out);
}

void bind_files(Config& config, FileSettings& files) {
  constexpr std::int64_t file_bytes_max = std::int64_t{4} * 1024 * 1024 * 1024;
  config.bind_choice("files.store", files.store, {"disk", "s3"});
  config.bind("files.folder", files.folder);
  config.bind("files.bytes_max", files.bytes_max, 1, file_bytes_max);
  config.bind("files.uploads_max", files.uploads_max, 1, 10'000);
  config.bind("files.uploads_of_user_max", files.uploads_of_user_max, 1, 10'000);
  config.bind("files.threads", files.threads, 1, 64);
  config.bind("files.free_mib_min", files.free_mib_min, 0, 1024 * 1024 * 1024);
  config.bind("files.grace_seconds", files.grace, 1, 365 * day_seconds);
  config.bind("files.resumable_bytes_max", files.resumable_bytes_max, 1, file_bytes_max);
  config.bind("files.resumable_of_user_max", files.resumable_of_user_max, 1, 10'000);
  config.bind("files.resumable_seconds", files.resumable_life, 1, 365 * day_seconds);
  config.bind("files.thumbnailer", files.thumbnailer);
  config.bind("files.thumbnail_wait_ms", files.thumbnail_wait, 0, minute_ms);
}

void bind_s3(Config& config, FileSettings& files) {
  auto& s3 = files.s3;
  config.bind("files.s3.endpoint", s3.endpoint);
  config.bind("files.s3.region", s3.region);
  config.bind("files.s3.bucket", s3.bucket);
  config.bind("files.s3.prefix", s3.prefix);
  config.bind("files.s3.path_style", s3.path_style);
  config.bind("files.s3.access_key_id", s3.key.id);
  config.bind("files.s3.secret_access_key", s3.key.secret);
  config.bind("files.s3.secret_access_key_file", files.s3_secret_access_key_file);
  config.bind_choice("files.s3.encryption", s3.encryption, {"none", "AES256", "aws:kms"});
  config.bind("files.s3.kms_key_id", s3.kms_key_id);
  config.bind("files.s3.ca_file", s3.ca_file);
  config.bind("files.s3.connect_timeout_ms", s3.connect_timeout, 10, minute_ms);
  config.bind("files.s3.timeout_ms", s3.timeout, 100, 10 * minute_ms);
  config.bind("files.s3.threads", s3.threads, 1, 64);
}

void bind_quotas(Config& config, QuotaSettings& quotas) {
  constexpr std::int64_t mib_max = 1024 * 1024 * 1024;
  config.bind("quotas.user_mib", quotas.user_mib, 0, mib_max);
  config.bind("quotas.workspace_mib", quotas.workspace_mib, 0, mib_max);
  config.bind("quotas.count_seconds", quotas.count_interval, 1, 3600);
}

void bind_search(Config& config, ServerSettings& settings) {
  config.bind_choice("search.provider", settings.search_provider, {"postgres", "meilisearch"});
  config.bind("search.pool_size", settings.search_pool_size, 1, 1000);
  config.bind("search.timeout_ms", settings.search_timeout, 10, minute_ms);
  config.bind("search.batch_size", settings.search_batch_size, 1, 10'000);
  config.bind("search.batch_timeout_ms", settings.search_batch_timeout, 1, minute_ms);
  config.bind("search.meilisearch_url", settings.meilisearch_url);
  config.bind("search.meilisearch_key", settings.meilisearch_key);
  config.bind("search.meilisearch_key_file", settings.meilisearch_key_file);
}

SignUpRules sign_up_rules(const ServerSettings& settings) {
  SignUpRules rules;
  if (settings.sign_up == "closed") rules.founding = Founding::closed;
  if (settings.sign_up == "open") rules.founding = Founding::open;
  if (settings.workspace_join == "open") rules.join = WorkspaceJoin::open;
  return rules;
}

}  // namespace

void bind(Config& config, ServerSettings& settings) {
  config.bind("server.address", settings.address);
  config.bind("server.port", settings.port, 0, 65'535);
  config.bind("server.io_threads", settings.io_threads, 0, 256);
  config.bind("server.docs", settings.docs);
  config.bind("server.web", settings.web);
  config.bind("server.shutdown_grace_ms", settings.shutdown_grace, 0, 10 * minute_ms);
  config.bind("server.large_answer_threads", settings.answers.threads, 1, 64);
  config.bind("server.large_answer_queue_max", settings.answers.queue_max, 1, 10'000);
  http::bind_http(config, settings.http, settings.edge);
  http::bind_admin(config, settings.admin);
  http::bind_user_limits(config, settings.edge.limits);
  http::bind_stranger_limits(config, settings.edge.limits);
  http::bind_sign_in_limits(config, settings.edge.limits);
  bind_failure_delays(config, settings.failure_delays);
  bind_write_rates(config, settings.write_rates);
  bind_download_rates(config, settings.download_rates);
  http::bind_page_limits(config, settings.edge.limits);
  http::bind_search_limits(config, settings.edge.limits);
  http::bind_answer_limits(config, settings.edge.limits);
  bind_log(config, settings.log);
  bind_storage(config, settings);
  bind_chats(config, settings.chats);
  config.bind("messages.edit_history", settings.edit_history);
  bind_files(config, settings.files);
  bind_s3(config, settings.files);
  bind_quotas(config, settings.quotas);
  config.bind("events.origin", settings.events_origin, http::Cors::check_origin);
  bind_search(config, settings);
  bind_auth(config, settings);
}

ServerSettings load_settings(const ConfigSources& sources) {
  ServerSettings settings;
  Config config;
  bind(config, settings);
  config.load(sources);
  nats::set_program(settings.nats, "fechatter_server", settings.nats_password_file);
  settings.tracing = otlp::read_settings(sources.environment, "fechatter_server");
  settings.auth.sign_up = sign_up_rules(settings);
  settings.failure_delays.enabled = settings.edge.limits.enabled;
  settings.failure_delays.accounts_max = settings.edge.limits.buckets_max;
  return settings;
}

}  // namespace fechatter::server
