#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/model/ids.hpp"
#include "fechatter_core/postgres/connection.hpp"

namespace fechatter::server {

// An event that waits in the outbox.
struct OutboxRow {
  EventId id;
  std::int64_t created_micros = 0;  // finds the row's partition
  WorkspaceId workspace_id;
  ChatId chat_id;
  std::string type;
  std::string envelope;  // the JSON that is published
};

// Where the stream is known to be (the row relay_state).
struct RelayState {
  std::int64_t token = 0;
  std::int64_t epoch = 0;  // 0: there was never a stream
  std::uint64_t last_stream_seq = 0;
  EventId last_event_id;
  std::string stream_created;
};

// What was acknowledged: parallel to each other.
struct Published {
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> created_micros;
  std::vector<std::int64_t> stream_seqs;
};

// The relay's side of PostgreSQL: the lease, what waits, what was published. One thread. Every call
// throws Error{database_unavailable} when there is no database.
class RelayStore {
 public:
  explicit RelayStore(const std::string& database_url);

  // The lease lives 1.5 s by the database's clock. An advisory lock would survive a stopped
  // process.
  std::optional<RelayState> acquire_lease(const std::string& holder);
  bool renew_lease(std::int64_t token);
  void release_lease(std::int64_t token);

  std::vector<OutboxRow> unpublished(std::size_t limit);
  // False when the lease is somebody else's by now: nothing was written.
  bool mark(std::int64_t token, std::int64_t epoch, const Published& published);
  // For events that were found in the stream: their `created_micros`, in the order of the ids.
  std::vector<std::int64_t> created_of(const std::vector<std::int64_t>& ids);
  bool raise_epoch(std::int64_t token, std::int64_t epoch, std::uint64_t first_seq,
                   const std::string& stream_created, std::chrono::seconds republish);

  // False when PostgreSQL was restarted since the lease was acquired: a crash takes back the last
  // markings.
  bool same_session() const { return connection_.connects() == lease_session_; }

  // Partitions of the days to come are made, those of days long published are dropped.
  void tend_partitions(int keep_days);

 private:
  postgres::Connection connection_;
  int lease_session_ = 0;
};

}  // namespace fechatter::server
