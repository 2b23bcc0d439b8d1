#pragma once

#include "fechatter_core/postgres/database.hpp"
#include "fechatter_core/postgres/event_tickets.hpp"
#include "fechatter_server/auth/postgres_refresh_token_repository.hpp"
#include "fechatter_server/chat/postgres_chat_member_repository.hpp"
#include "fechatter_server/chat/postgres_chat_repository.hpp"
#include "fechatter_server/file/postgres_file_repository.hpp"
#include "fechatter_server/file/postgres_resumable_upload_repository.hpp"
#include "fechatter_server/file/postgres_thumbnail_repository.hpp"
#include "fechatter_server/mention/postgres_mention_repository.hpp"
#include "fechatter_server/message/append_queue.hpp"
#include "fechatter_server/message/postgres_annotation_repository.hpp"
#include "fechatter_server/message/postgres_message_repository.hpp"
#include "fechatter_server/outbox/eventful_database.hpp"
#include "fechatter_server/outbox/outbox_relay.hpp"
#include "fechatter_server/outbox/stream_eraser.hpp"
#include "fechatter_server/preference/postgres_preference_repository.hpp"
#include "fechatter_server/read/postgres_read_repository.hpp"
#include "fechatter_server/search/postgres_search_repository.hpp"
#include "fechatter_server/server_settings.hpp"
#include "fechatter_server/thread/postgres_thread_repository.hpp"
#include "fechatter_server/user/postgres_user_repository.hpp"
#include "fechatter_server/workspace/postgres_administration_repository.hpp"
#include "fechatter_server/workspace/postgres_workspace_repository.hpp"

namespace fechatter::server {

// PostgreSQL as the services use it: connection pools, the relay of the outbox, the
// erasure of texts from the stream, and the repositories, in dependency order. Connects at the
// first statement.
struct Storage {
  // `tracer`: null: tracing is off.
  Storage(const ServerSettings& settings, const observability::TracerPtr& tracer);

  postgres::Database requests;
  postgres::Database background;  // health checks and feeds do not queue behind requests
  postgres::Database cleanup;     // nor behind a slow chore or the counting of quotas
  postgres::Database scheduled;   // nor what is due behind either
  postgres::Database searches;    // requests do not queue behind slow searches

  OutboxRelay relay;
  StreamEraser eraser;
  EventfulDatabase changes{requests, RelayWaker{relay}};
  EventfulDatabase cleanup_changes{cleanup, RelayWaker{relay}};
  EventfulDatabase scheduled_changes{scheduled, RelayWaker{relay}};
  AppendQueue append_queue;
  ReadQueue read_queue;

  PostgresUserRepository users{changes};
  PostgresRefreshTokenRepository refresh_tokens{requests};
  PostgresWorkspaceRepository workspaces{changes};
  PostgresAdministrationRepository administration{requests, searches};
  PostgresChatRepository chats;
  PostgresChatMemberRepository chat_members;
  PostgresMessageRepository messages;
  PostgresAnnotationRepository annotations;
  PostgresThreadRepository threads{changes};
  PostgresMentionRepository mentions{changes};
  PostgresReadRepository reads{changes, read_queue};
  PostgresPreferenceRepository preferences{changes};
  PostgresSearchRepository search{searches};
  PostgresFileRepository files{requests};
  PostgresFileRepository file_cleanup{cleanup};
  PostgresResumableUploadRepository resumable_uploads{requests};
  PostgresResumableUploadRepository resumable_cleanup{cleanup};
  PostgresThumbnailRepository thumbnails{requests};
  PostgresThumbnailRepository due_thumbnails{cleanup};
  postgres::EventTickets event_tickets{requests};
};

}  // namespace fechatter::server
