#pragma once

#include <string>
#include <vector>

#include "fechatter_core/config.hpp"
#include "fechatter_core/http/admin_server.hpp"
#include "fechatter_core/http/large_answers.hpp"
#include "fechatter_core/http/settings.hpp"
#include "fechatter_core/log.hpp"
#include "fechatter_core/nats/nats_connection.hpp"
#include "fechatter_core/otlp/otlp_settings.hpp"
#include "fechatter_server/auth/accounts.hpp"
#include "fechatter_server/chat/chat_limits.hpp"
#include "fechatter_server/file/download_rates.hpp"
#include "fechatter_server/file/file_settings.hpp"
#include "fechatter_server/message/append_queue.hpp"
#include "fechatter_server/message/storage_quotas.hpp"
#include "fechatter_server/write_rates.hpp"

namespace fechatter::server {

// The settings of fechatter_server with their defaults; config/fechatter_server.yml describes them.
struct ServerSettings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 6688;
  std::size_t io_threads = 0;  // 0: one for each core
  std::chrono::milliseconds shutdown_grace{20'000};
  http::LargeAnswerSettings answers;
  http::Limits http;
  http::EdgeSettings edge;
  http::AdminSettings admin{7688};
  WriteRateSettings write_rates;
  DownloadRateSettings download_rates;
  LogSettings log;
  otlp::Settings tracing;  // of OTEL_* in the environment
  bool docs = true;        // /docs and /openapi.json
  bool web = true;         // the web client, if the build has it

  std::string database_url = "postgresql://fechatter_app@127.0.0.1:5432/fechatter";
  std::string migration_url;  // the schema's owner; empty: database_url
  std::string notify_role = "fechatter_notify";
  std::size_t pool_size = 8;
  std::size_t queue_max = 1000;
  std::chrono::milliseconds statement_timeout{10'000};
  std::size_t writers = 1;
  std::size_t append_batch_max = 256;
  std::size_t append_queue_max = 10'000;
  std::string migrations = "migrations";
  bool migrate_at_start = true;

  nats::Settings nats;
  std::string nats_password_file;  // read into nats.password
  std::int64_t stream_replicas = 1;
  std::chrono::hours stream_max_age{7 * 24};
  std::int64_t stream_max_mib = 4096;

  std::chrono::seconds republish{3600};
  std::size_t relay_batch_max = 512;
  std::size_t relay_batch_bytes_max = 4 * 1024 * 1024;
  int outbox_keep_days = 2;

  ChatLimits chats;
  bool edit_history = true;
  FileSettings files;
  QuotaSettings quotas;
  std::string events_origin;  // notify_server as browsers reach it; empty: our own origin

  std::string search_provider = "postgres";
  std::size_t search_pool_size = 2;
  std::chrono::milliseconds search_timeout{2'000};
  std::size_t search_batch_size = 1'000;
  std::chrono::milliseconds search_batch_timeout{500};
  std::string meilisearch_url = "http://127.0.0.1:7700";
  std::string meilisearch_key;
  std::string meilisearch_key_file;  // overrides meilisearch_key

  std::string private_key = ".run/keys/private.pem";
  std::string sign_up = "invitation";
  std::string workspace_join = "invitation";
  AuthSettings auth;
  PasswordSettings passwords;
  FailureDelaySettings failure_delays;
};

// Binds every key. REQUIRES: `settings` outlives the loading.
void bind(Config& config, ServerSettings& settings);

// Defaults, then the sources. Throws ConfigError.
ServerSettings load_settings(const ConfigSources& sources);

}  // namespace fechatter::server
