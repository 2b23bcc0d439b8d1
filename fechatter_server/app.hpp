#pragma once

#include <atomic>
#include <memory>

#include "fechatter_core/auth/access_token.hpp"
#include "fechatter_core/auth/revoked_sessions.hpp"
#include "fechatter_core/http/listener.hpp"
#include "fechatter_core/nats/probe.hpp"
#include "fechatter_core/observability/health.hpp"
#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/postgres/revocation_feed.hpp"
#include "fechatter_server/auth/accounts.hpp"
#include "fechatter_server/auth/postgres_refresh_token_repository.hpp"
#include "fechatter_server/chat/chat_cleanup.hpp"
#include "fechatter_server/chat/chat_members.hpp"
#include "fechatter_server/chat/chats.hpp"
#include "fechatter_server/chat/postgres_chat_member_repository.hpp"
#include "fechatter_server/chat/postgres_chat_repository.hpp"
#include "fechatter_server/message/messages.hpp"
#include "fechatter_server/message/postgres_message_repository.hpp"
#include "fechatter_server/outbox/outbox_relay.hpp"
#include "fechatter_server/search/message_search.hpp"
#include "fechatter_server/search/postgres_search_repository.hpp"
#include "fechatter_server/search/search_indexer.hpp"
#include "fechatter_server/search/search_tender.hpp"
#include "fechatter_server/server_settings.hpp"
#include "fechatter_server/user/postgres_user_repository.hpp"
#include "fechatter_server/user/users.hpp"
#include "fechatter_server/workspace/postgres_workspace_repository.hpp"
#include "fechatter_server/workspace/workspaces.hpp"

namespace fechatter::server {

// Owns everything, in dependency order: what stands lower uses what stands higher. Made and ended
// by main; handlers get it from any I/O thread and only ever use the public part.
class App {
 public:
  // Connects to nothing yet, except that the keys are read and the port is bound. Throws
  // std::runtime_error that says what is missing.
  App(const ServerSettings& settings, asio::io_context& io);

  void start();
  // Stops accepting and lets requests in flight finish.
  void drain();
  std::uint16_t port() const { return listener_.port(); }

  AuthService& auth() { return accounts_; }
  UserService& users() { return users_; }
  WorkspaceService& workspaces() { return workspaces_; }
  ChatService& chats() { return chats_; }
  ChatMemberService& chat_members() { return chat_members_; }
  MessageService& messages() { return messages_; }
  SearchService& search() { return search_; }

  // Who an access token stands for. Throws unauthenticated.
  auth::Identity authenticate(std::string_view token) const;
  awaitable<observability::HealthReport> check_health();
  // "available", "unavailable", or "not configured".
  std::string meilisearch_status(const observability::HealthReport& report) const;
  // Busy connections over all of the pool: 0..1.
  double database_pool_usage() const;

 private:
  const ServerSettings settings_;
  asio::io_context& io_;
  auth::TokenSigner signer_;
  auth::TokenVerifier verifier_;
  auth::RevokedSessions revoked_;

  postgres::Database database_;
  postgres::Database
      background_;  // health checks and the revocation feed never wait behind requests
  postgres::RevocationFeed revocation_feed_;
  nats::RevocationChannel revocations_;
  nats::Probe nats_probe_;
  postgres::Database searching_;  // what takes long keeps nobody else waiting
  const std::unique_ptr<SearchIndex> search_index_;
  observability::HealthChecker health_;

  OutboxRelay relay_;
  AppendQueue append_queue_;
  PostgresUserRepository user_repository_;
  PostgresRefreshTokenRepository refresh_token_repository_;
  PostgresWorkspaceRepository workspace_repository_;
  PostgresChatRepository chat_repository_;
  PostgresChatMemberRepository chat_member_repository_;
  PostgresMessageRepository message_repository_;
  PostgresSearchRepository search_repository_;
  postgres::EventTickets event_tickets_;
  ChatCleanup chat_cleanup_;

  PasswordHasher passwords_;
  Accounts accounts_;
  Users users_;
  Workspaces workspaces_;
  Chats chats_;
  ChatMembers chat_members_;
  Messages messages_;
  MessageSearch search_;
  SearchIndexer search_indexer_;
  SearchTender search_tender_;

  http::Router router_;
  http::Listener listener_;
};

}  // namespace fechatter::server
