#include "fechatter_server/storage.hpp"

#include <fmt/format.h>

#include "fechatter_server/cleanup/chore.hpp"

namespace fechatter::server {
namespace {

postgres::DatabaseSettings request_settings(const ServerSettings& settings) {
  return {settings.database_url,
          fmt::format("-c statement_timeout={}", settings.statement_timeout.count()),
          settings.pool_size, settings.queue_max};
}

postgres::DatabaseSettings background_settings(const ServerSettings& settings) {
  return {settings.database_url, "-c statement_timeout=900", 1, 16};
}

postgres::DatabaseSettings cleanup_settings(const ServerSettings& settings) {
  const auto timeout = CleanupSettings{}.statement_timeout;
  return {settings.database_url, fmt::format("-c statement_timeout={}", timeout.count()), 1, 16};
}

postgres::DatabaseSettings scheduled_settings(const ServerSettings& settings) {
  const auto timeout = settings.statement_timeout;
  return {settings.database_url, fmt::format("-c statement_timeout={}", timeout.count()), 1, 64};
}

postgres::DatabaseSettings search_settings(const ServerSettings& settings) {
  return {settings.database_url,
          fmt::format("-c statement_timeout={} -c work_mem=16MB", settings.search_timeout.count()),
          settings.search_pool_size, settings.queue_max};
}

// Longer than the stream keeps a message, by the clocks of both.
int stream_days(const ServerSettings& settings) {
  return static_cast<int>(std::chrono::ceil<std::chrono::days>(settings.stream_max_age).count()) +
         1;
}

RelaySettings relay_settings(const ServerSettings& settings,
                             const observability::TracerPtr& tracer) {
  RelaySettings relay;
  relay.database_url = settings.database_url;
  relay.nats = nats::named(settings.nats, "relay");
  relay.stream = {settings.stream_max_age, settings.stream_replicas,
                  settings.stream_max_mib * 1024 * 1024};
  relay.rules = {
      settings.republish,        settings.relay_batch_max, settings.relay_batch_bytes_max,
      settings.outbox_keep_days, stream_days(settings),    tracer};
  relay.fan_out = settings.chats.fan_out;
  return relay;
}

StreamEraserSettings eraser_settings(const ServerSettings& settings) {
  return {settings.database_url, nats::named(settings.nats, "eraser"), stream_days(settings)};
}

AppendSettings append_settings(const ServerSettings& settings,
                               const observability::TracerPtr& tracer) {
  AppendSettings append;
  append.database_url = settings.database_url;
  append.options = fmt::format("-c synchronous_commit=on -c statement_timeout={}",
                               settings.statement_timeout.count());
  append.writers = settings.writers;
  append.batch_max = settings.append_batch_max;
  append.queue_max = settings.append_queue_max;
  append.tracer = tracer;
  return append;
}

ReadQueueSettings read_settings(const ServerSettings& settings) {
  return {settings.database_url,
          fmt::format("-c statement_timeout={}", settings.statement_timeout.count())};
}

}  // namespace

Storage::Storage(const ServerSettings& settings, const observability::TracerPtr& tracer)
    : requests{request_settings(settings)},
      background{background_settings(settings)},
      cleanup{cleanup_settings(settings)},
      scheduled{scheduled_settings(settings)},
      searches{search_settings(settings)},
      relay{relay_settings(settings, tracer)},
      eraser{eraser_settings(settings)},
      append_queue{append_settings(settings, tracer), RelayWaker{relay}},
      read_queue{read_settings(settings), RelayWaker{relay}},
      chats{changes, settings.chats},
      chat_members{changes, settings.chats},
      messages{changes, append_queue, settings.edit_history},
      annotations{changes, settings.chats.fan_out.member_limit} {}

}  // namespace fechatter::server
