#include "fechatter_server/app.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "fechatter_core/observability/dependencies.hpp"
#include "fechatter_server/auth/account_key.hpp"
#include "fechatter_server/routes.hpp"
#include "fechatter_server/search/search_provider.hpp"

namespace fechatter::server {
namespace {

postgres::DatabaseSettings database_settings(const ServerSettings& settings) {
  return {settings.database_url,
          fmt::format("-c statement_timeout={}", settings.statement_timeout.count()),
          settings.pool_size, settings.queue_max};
}

postgres::DatabaseSettings background_settings(const ServerSettings& settings) {
  return {settings.database_url, "-c statement_timeout=900", 1, 16};
}

AppendSettings append_settings(const ServerSettings& settings) {
  AppendSettings append;
  append.database_url = settings.database_url;
  append.options = fmt::format("-c synchronous_commit=on -c statement_timeout={}",
                               settings.statement_timeout.count());
  append.writers = settings.writers;
  append.batch_max = settings.append_batch_max;
  append.queue_max = settings.append_queue_max;
  return append;
}

RelaySettings relay_settings(const ServerSettings& settings) {
  RelaySettings relay;
  relay.database_url = settings.database_url;
  relay.nats = {settings.nats_url, "fechatter_server relay"};
  relay.stream = {settings.stream_max_age, settings.stream_replicas};
  relay.rules = {settings.republish, settings.relay_batch_max, settings.outbox_keep_days};
  return relay;
}

postgres::DatabaseSettings searching_settings(const ServerSettings& settings) {
  return {settings.database_url,
          fmt::format("-c statement_timeout={} -c work_mem=16MB", settings.search_timeout.count()),
          settings.search_pool_size, settings.queue_max};
}

std::vector<observability::Check> checks_of(postgres::Database& database, nats::Probe& nats,
                                            SearchIndex& index) {
  auto checks = observability::dependency_checks(database, nats);
  checks.push_back({"search", false, [&index] { return index.check(); }});
  return checks;
}

}  // namespace

App::App(const ServerSettings& settings, asio::io_context& io)
    : settings_{settings},
      io_{io},
      signer_{auth::load_private_key(settings.private_key)},
      verifier_{auth::load_private_key(settings.private_key)},
      revoked_{settings.auth.access_life},
      database_{database_settings(settings)},
      background_{background_settings(settings)},
      revocation_feed_{background_, revoked_},
      revocations_{{settings.nats_url, "fechatter_server revocations"}, revoked_},
      nats_probe_{{settings.nats_url, "fechatter_server health"}},
      searching_{searching_settings(settings)},
      search_index_{make_index(settings, searching_)},
      health_{checks_of(background_, nats_probe_, *search_index_)},
      relay_{relay_settings(settings)},
      append_queue_{append_settings(settings), [this] { relay_.wake(); }},
      user_repository_{database_, [this] { relay_.wake(); }},
      refresh_token_repository_{database_},
      workspace_repository_{database_, [this] { relay_.wake(); }},
      chat_repository_{database_, [this] { relay_.wake(); }},
      chat_member_repository_{database_, settings.members, [this] { relay_.wake(); }},
      message_repository_{database_, append_queue_, [this] { relay_.wake(); }},
      search_repository_{searching_},
      event_tickets_{database_},
      chat_cleanup_{background_, [this] { relay_.wake(); }},
      passwords_{settings.passwords},
      accounts_{settings.auth,  user_repository_, refresh_token_repository_,
                event_tickets_, passwords_,       signer_,
                revocations_},
      users_{user_repository_},
      workspaces_{settings.auth.invitation_life, workspace_repository_, revocations_},
      chats_{chat_repository_},
      chat_members_{chat_member_repository_},
      messages_{message_repository_},
      search_{search_repository_, *search_index_},
      search_indexer_{indexer_settings(settings), *search_index_},
      search_tender_{settings.database_url, make_upkeep(settings)},
      router_{make_routes(*this), [this](std::string_view token) { return authenticate(token); },
              http::make_edge(settings.edge, account_key)},
      listener_{io, settings.address, settings.port, settings.http, router_} {}

void App::start() {
  const Executor strand{io_.get_executor()};
  asio::co_spawn(strand, revocation_feed_.run(), asio::detached);
  asio::co_spawn(strand, chat_cleanup_.run(), asio::detached);
  listener_.start();
}

void App::drain() {
  listener_.drain(settings_.shutdown_grace);
}

auth::Identity App::authenticate(std::string_view token) const {
  auto identity = verifier_.verify(token);
  if (revoked_.contains(identity.session_id)) {
    throw Error{ErrorCode::unauthenticated, "This session is over."};
  }
  return identity;
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
  return static_cast<double>(database_.busy()) / static_cast<double>(database_.size());
}

}  // namespace fechatter::server
