#include "fechatter_server/app.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_future.hpp>

#include "fechatter_core/http/http_metrics.hpp"
#include "fechatter_core/observability/dependencies.hpp"
#include "fechatter_core/observability/dependency_metrics.hpp"
#include "fechatter_core/observability/process_metrics.hpp"
#include "fechatter_core/observability/trace_metrics.hpp"
#include "fechatter_server/auth/password_clients.hpp"
#include "fechatter_server/file/file_store_choice.hpp"
#include "fechatter_server/file/store_check.hpp"
#include "fechatter_server/routes.hpp"
#include "fechatter_server/search/search_provider.hpp"
#include "fechatter_server/server_metrics.hpp"
#include "fechatter_server/web/web_pack.hpp"

namespace fechatter::server {
namespace {

constexpr std::chrono::seconds load_timeout{5};
constexpr std::chrono::seconds channel_timeout{1};  // without NATS it starts all the same
constexpr std::uint64_t bytes_of_mib = 1024 * 1024;

std::vector<observability::Check> checks_of(postgres::Database& database, nats::Probe& nats,
                                            const postgres::RevocationFeed& revocations,
                                            SearchIndex& index, const Cleanup& cleanup,
                                            file::FileStore& files, std::uint64_t free_bytes_min) {
  auto checks = observability::dependency_checks(database, nats, revocations);
  checks.push_back({"search", false, [&index] { return index.check(); }});
  checks.push_back({"cleanup", false, [&cleanup] { return cleanup.check(); }});
  checks.push_back(
      {"files", false, [&files, free_bytes_min] { return check_store(files, free_bytes_min); }});
  return checks;
}

}  // namespace

App::App(const ServerSettings& settings, asio::io_context& io)
    : settings_{settings},
      io_{io},
      tracing_{settings.tracing},
      answers_{settings.answers},
      tokens_{settings.private_key, settings.auth.access_life},
      file_access_{tokens_.signer.key()},
      file_store_{make_file_store(settings.files)},
      partial_files_{{settings.files.folder, settings.files.threads}},
      storage_{settings, tracing_.tracer()},
      revocation_feed_{storage_.background, tokens_.revoked},
      revocations_{nats::named(settings.nats, "revocations"), tokens_.revoked},
      nats_probe_{nats::named(settings.nats, "health")},
      stored_figures_{storage_.background, [this] { return storage_.relay.holding(); }},
      search_index_{make_index(settings, storage_.searches)},
      cleanup_{storage_.cleanup_changes},
      resumable_cleanup_{storage_.resumable_cleanup, partial_files_},
      file_collector_{
          {settings.files.grace}, storage_.file_cleanup, *file_store_, resumable_cleanup_},
      health_{checks_of(storage_.background, nats_probe_, revocation_feed_, *search_index_,
                        cleanup_, *file_store_, settings.files.free_mib_min * bytes_of_mib)},
      passwords_{settings.passwords},
      sign_in_guard_{tokens_.signer.key(), settings.auth.device_life, settings.failure_delays},
      accounts_{settings.auth, storage_.users, storage_.refresh_tokens, storage_.event_tickets,
                passwords_,    sign_in_guard_, tokens_.signer,          revocations_},
      users_{storage_.users},
      workspaces_{settings.auth.invitation_life, storage_.workspaces, revocations_, audit_},
      administration_{storage_.administration, revocations_, audit_},
      chats_{storage_.chats},
      chat_members_{storage_.chat_members, audit_},
      quotas_{settings.quotas, storage_.cleanup},
      messages_{storage_.messages, quotas_},
      annotations_{storage_.annotations},
      reads_{storage_.reads},
      drafts_{storage_.changes, quotas_},
      scheduled_messages_{storage_.changes, quotas_},
      due_messages_{storage_.scheduled_changes, quotas_},
      scheduled_sender_{due_messages_, messages_},
      thumbnailer_{{settings.files.thumbnailer}},
      thumbnails_{{settings.files.thumbnail_wait},
                  storage_.thumbnails,
                  storage_.due_thumbnails,
                  *file_store_,
                  thumbnailer_},
      files_{settings.files, settings.quotas, storage_.files, *file_store_, quotas_, thumbnails_},
      resumable_uploads_{settings.files, storage_.resumable_uploads, partial_files_, files_},
      download_rates_{settings.download_rates, settings.edge.limits.enabled,
                      settings.edge.limits.buckets_max},
      search_{storage_.search, *search_index_, answers_, settings.search_timeout},
      activity_{nats::named(settings.nats, "activity"), storage_.background,
                settings.edge.limits.buckets_max},
      typing_{settings.chats.fan_out, storage_.requests, activity_},
      write_rates_{settings.write_rates, settings.edge.limits.enabled,
                   settings.edge.limits.buckets_max},
      docs_{settings.events_origin},
      web_{settings.web ? built_web_pack() : std::string_view{}, settings.events_origin},
      delivery_receiver_{nats::named(settings.nats, "deliveries"), settings.database_url},
      search_indexer_{indexer_settings(settings), *search_index_},
      index_maintenance_{settings.database_url, make_index_maintenance(settings)},
      router_{make_routes(*this),
              [this](std::string_view token, const auth::BeforeVerifying& before) {
                return authenticate(token, before);
              },
              http::make_edge(settings.edge, tracing_.tracer(),
                              password_tries(sign_in_guard_.devices()))},
      listener_{io, settings.address, settings.port, settings.http, router_} {
  add_metrics();
  if (settings_.admin.enabled) admin_.emplace(settings_.admin, metrics_);
}

void App::add_metrics() {
  observability::add_process_metrics(metrics_);
  observability::add_dependency_metrics(metrics_, health_);
  observability::add_pool_metrics(metrics_, {{"requests", storage_.requests},
                                             {"background", storage_.background},
                                             {"cleanup", storage_.cleanup},
                                             {"scheduled", storage_.scheduled},
                                             {"searches", storage_.searches}});
  observability::add_trace_metrics(metrics_, tracing_.tracer());
  http::add_http_metrics(metrics_, router_, [this] { return listener_.connections(); });
  add_message_metrics(metrics_, storage_.append_queue);
  add_relay_metrics(metrics_, storage_.relay);
  add_stored_metrics(metrics_, stored_figures_);
  add_search_metrics(metrics_, search_, search_indexer_);
  add_file_metrics(metrics_, files_);
  add_account_metrics(metrics_, accounts_, passwords_, audit_);
}

std::optional<std::uint16_t> App::admin_port() const {
  if (!admin_) return std::nullopt;
  return admin_->port();
}

void App::start() {
  const Executor strand{io_.get_executor()};
  const auto deadline = std::chrono::steady_clock::now() + load_timeout;
  auto loading = asio::co_spawn(strand, revocation_feed_.load(), asio::use_future);
  postgres::wait_at_start(std::move(loading), deadline);
  asio::co_spawn(strand, revocation_feed_.run(), asio::detached);
  asio::co_spawn(strand, health_.watch(), asio::detached);
  asio::co_spawn(strand, stored_figures_.run(), asio::detached);
  asio::co_spawn(strand, quotas_.run(), asio::detached);
  asio::co_spawn(strand, activity_.run(), asio::detached);
  cleanup_.report("erasure from the stream", [this] { return storage_.eraser.failures(); });
  cleanup_.report("scheduled messages", [this] { return scheduled_sender_.failures(); });
  cleanup_.report("files", [this] { return file_collector_.failures(); });
  cleanup_.report("thumbnails", [this] { return thumbnails_.failures(); });
  cleanup_.start(io_);
  const Executor collector_strand{io_.get_executor()};
  asio::co_spawn(collector_strand, file_collector_.run(), asio::detached);
  const Executor thumbnail_strand{io_.get_executor()};
  asio::co_spawn(thumbnail_strand, thumbnails_.run(), asio::detached);
  const Executor sender_strand{io_.get_executor()};
  asio::co_spawn(sender_strand, scheduled_sender_.run(), asio::detached);
  activity_.wait_until_connected(std::chrono::steady_clock::now() + channel_timeout);
  spdlog::info("{}", web_.summary());
  listener_.start();
  if (admin_) admin_->start();
}

void App::drain() {
  listener_.drain(settings_.shutdown_grace);
}

auth::Identity App::authenticate(std::string_view token,
                                 const auth::BeforeVerifying& before) const {
  auto identity = tokens_.authenticate(token, before);
  revocation_feed_.require_loaded();
  return identity;
}

std::optional<auth::Identity> App::find_file_reader(const http::Request& request) const {
  auto reader = file_access_.find_reader(request);
  if (reader) tokens_.require_open(reader->session_id);
  revocation_feed_.require_loaded();
  return reader;
}

awaitable<observability::HealthReport> App::check_health() {
  return health_.check(listener_.draining());
}

std::string App::meilisearch_status(const observability::HealthReport& report) const {
  if (settings_.search_provider != "meilisearch") return "not configured";
  const auto& services = report.services;
  const bool available = std::any_of(services.begin(), services.end(), [](const auto& service) {
    return service.name == "search" && service.healthy;
  });
  return available ? "available" : "unavailable";
}

double App::database_pool_usage() const {
  return static_cast<double>(storage_.requests.busy()) /
         static_cast<double>(storage_.requests.size());
}

}  // namespace fechatter::server
