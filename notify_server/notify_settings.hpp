#pragma once

#include <string>

#include "fechatter_core/config.hpp"
#include "fechatter_core/http/admin_server.hpp"
#include "fechatter_core/http/settings.hpp"
#include "fechatter_core/log.hpp"
#include "fechatter_core/otlp/otlp_settings.hpp"
#include "notify_server/log/event_consumer.hpp"
#include "notify_server/presence/presence.hpp"
#include "notify_server/stream/shard.hpp"

namespace fechatter::notify {

// Every setting of notify_server with its default; config/notify_server.yml explains them.
struct NotifySettings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 6687;
  std::size_t io_threads = 1;  // of the front; 0: one per core
  std::size_t shards = 0;      // 0: one per core
  http::Limits http;
  http::EdgeSettings edge;
  http::AdminSettings admin{7687};
  LogSettings log;
  otlp::Settings tracing;  // of OTEL_* in the environment

  std::string database_url = "postgresql://fechatter_notify@127.0.0.1:5432/fechatter";
  std::size_t pool_size = 2;
  std::size_t queue_max = 1000;
  std::chrono::milliseconds statement_timeout{5'000};

  nats::Settings nats;
  std::string nats_password_file;  // read into nats.password

  std::string public_key = ".run/keys/public.pem";
  bool query_token = false;
  std::chrono::seconds access_life{1800};

  std::size_t streams_max = 100'000;
  http::Quota opens{60, std::chrono::minutes{1}, 60};  // of one user
  std::chrono::minutes ring{10};
  std::size_t replays = 2;
  std::chrono::seconds heartbeat{25};
  std::chrono::minutes known_user{10};
  std::chrono::milliseconds drain{5'000};
  PresenceSettings presence;
  ShardSettings shard;  // `heartbeat` and `known_user` come from above
};

// Binds every key. REQUIRES: `settings` outlives the loading.
void bind(Config& config, NotifySettings& settings);

// Defaults, then the sources. Throws ConfigError.
NotifySettings load_settings(const ConfigSources& sources);

}  // namespace fechatter::notify
