#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fechatter_core/file/file_store.hpp"
#include "fechatter_core/http/large_answers.hpp"
#include "fechatter_core/http/listener.hpp"
#include "fechatter_core/nats/probe.hpp"
#include "fechatter_core/observability/health.hpp"
#include "fechatter_core/otlp/tracing.hpp"
#include "fechatter_core/postgres/revocation_feed.hpp"
#include "fechatter_server/auth/access_tokens.hpp"
#include "fechatter_server/auth/accounts.hpp"
#include "fechatter_server/chat/chat_members.hpp"
#include "fechatter_server/chat/chats.hpp"
#include "fechatter_server/cleanup/cleanup.hpp"
#include "fechatter_server/docs/docs_site.hpp"
#include "fechatter_server/draft/drafts.hpp"
#include "fechatter_server/draft/scheduled_sender.hpp"
#include "fechatter_server/file/download_rates.hpp"
#include "fechatter_server/file/file_access.hpp"
#include "fechatter_server/file/file_collector.hpp"
#include "fechatter_server/file/files.hpp"
#include "fechatter_server/file/resumable_uploads.hpp"
#include "fechatter_server/message/annotations.hpp"
#include "fechatter_server/message/messages.hpp"
#include "fechatter_server/presence/typing.hpp"
#include "fechatter_server/read/delivery_receiver.hpp"
#include "fechatter_server/read/reads.hpp"
#include "fechatter_server/search/index_maintenance.hpp"
#include "fechatter_server/search/message_search.hpp"
#include "fechatter_server/search/search_indexer.hpp"
#include "fechatter_server/server_settings.hpp"
#include "fechatter_server/storage.hpp"
#include "fechatter_server/stored_figures.hpp"
#include "fechatter_server/thread/threads.hpp"
#include "fechatter_server/user/users.hpp"
#include "fechatter_server/web/web_site.hpp"
#include "fechatter_server/workspace/administration.hpp"
#include "fechatter_server/workspace/audit_counts.hpp"
#include "fechatter_server/workspace/workspaces.hpp"
#include "fechatter_server/write_rates.hpp"

namespace fechatter::server {

// Owns everything, in dependency order: each member uses only members above it. Created and
// destroyed by main; handlers use the public part, from any I/O thread.
class App {
 public:
  // Reads the keys and binds the port. Throws std::runtime_error that names what is missing.
  App(const ServerSettings& settings, asio::io_context& io);

  // Blocks until it is known which sessions are revoked, 5 s at most; then listens. REQUIRES: `io`
  // is run by another thread.
  void start();
  // Stops accepting and lets the requests under way finish.
  void drain();
  std::uint16_t port() const { return listener_.port(); }
  // Nothing: the listener for operators is switched off.
  std::optional<std::uint16_t> admin_port() const;

  Accounts& accounts() { return accounts_; }
  SignInGuard& sign_in_guard() { return sign_in_guard_; }
  Users& users() { return users_; }
  Workspaces& workspaces() { return workspaces_; }
  Administration& administration() { return administration_; }
  Chats& chats() { return chats_; }
  ChatMembers& chat_members() { return chat_members_; }
  Messages& messages() { return messages_; }
  Annotations& annotations() { return annotations_; }
  Threads& threads() { return threads_; }
  PostgresMentionRepository& mentions() { return storage_.mentions; }
  Reads& reads() { return reads_; }
  PostgresPreferenceRepository& preferences() { return storage_.preferences; }
  Drafts& drafts() { return drafts_; }
  ScheduledMessages& scheduled_messages() { return scheduled_messages_; }
  Files& files() { return files_; }
  ResumableUploads& resumable_uploads() { return resumable_uploads_; }
  const FileAccess& file_access() const { return file_access_; }
  DownloadRates& download_rates() { return download_rates_; }
  MessageSearch& search() { return search_; }
  ActivityReports& activity() { return activity_; }
  Typing& typing() { return typing_; }
  WriteRates& write_rates() { return write_rates_; }
  const DocsSite& docs() const { return docs_; }
  const WebSite& web() const { return web_; }
  http::LargeAnswers& answers() { return answers_; }

  // Throws unauthenticated, what `before` throws, and database_unavailable until it is known which
  // sessions are revoked.
  auth::Identity authenticate(std::string_view token,
                              const auth::BeforeVerifying& before = nullptr) const;
  // FileAccess::find_reader, of a session that is not over. Throws as `authenticate`.
  std::optional<auth::Identity> find_file_reader(const http::Request& request) const;
  const http::Edge& edge() const { return router_.edge(); }
  const observability::Metrics& metrics() const { return metrics_; }
  const ServerSettings& settings() const { return settings_; }
  awaitable<observability::HealthReport> check_health();
  // "available", "unavailable", or "not configured".
  std::string meilisearch_status(const observability::HealthReport& report) const;
  // Busy connections of the pool for requests, as a share of all: 0..1.
  double database_pool_usage() const;

 private:
  void add_metrics();

  const ServerSettings settings_;
  asio::io_context& io_;
  const otlp::Tracing tracing_;
  http::LargeAnswers answers_;
  AccessTokens tokens_;
  const FileAccess file_access_;
  const std::unique_ptr<file::FileStore> file_store_;
  file::PartialFiles partial_files_;
  Storage storage_;

  postgres::RevocationFeed revocation_feed_;
  nats::RevocationChannel revocations_;
  nats::Probe nats_probe_;
  StoredFigures stored_figures_;
  const std::unique_ptr<SearchIndex> search_index_;
  Cleanup cleanup_;
  ResumableCleanup resumable_cleanup_;
  FileCollector file_collector_;
  observability::HealthChecker health_;

  PasswordHasher passwords_;
  SignInGuard sign_in_guard_;
  Accounts accounts_;
  AuditCounts audit_;
  Users users_;
  Workspaces workspaces_;
  Administration administration_;
  Chats chats_;
  ChatMembers chat_members_;
  StorageQuotas quotas_;
  Messages messages_;
  Annotations annotations_;
  Threads threads_{storage_.threads};
  Reads reads_;
  Drafts drafts_;
  ScheduledMessages scheduled_messages_;
  ScheduledMessages due_messages_;  // not behind requests
  ScheduledSender scheduled_sender_;
  Thumbnailer thumbnailer_;
  Thumbnails thumbnails_;
  Files files_;
  ResumableUploads resumable_uploads_;
  DownloadRates download_rates_;
  MessageSearch search_;
  ActivityReports activity_;
  Typing typing_;
  WriteRates write_rates_;
  DocsSite docs_;
  const WebSite web_;

  DeliveryReceiver delivery_receiver_;
  SearchIndexer search_indexer_;
  IndexMaintenance index_maintenance_;

  observability::Metrics metrics_;
  http::Router router_;
  http::Listener listener_;
  std::optional<http::AdminServer> admin_;
};

}  // namespace fechatter::server
