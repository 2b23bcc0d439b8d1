#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/event/event_stream.hpp"
#include "fechatter_core/model/ids.hpp"

namespace fechatter::server {

// An event of the outbox.
struct OutboxRow {
  EventId id;
  std::int64_t created_micros = 0;  // finds the row's partition
  WorkspaceId workspace_id;
  ChatId chat_id;
  std::string type;
  std::string envelope;            // the JSON that is published
  event::Position first_position;  // where an earlier epoch told it first; {}: nowhere
};

// Where the stream is known to be (the row relay_state).
struct RelayState {
  std::int64_t token = 0;
  event::Epoch epoch;  // number 0: there was never a stream
  std::uint64_t last_stream_seq = 0;
  EventId last_event_id;  // 0: nothing was published in this epoch yet
  std::string stream_created;
  std::chrono::microseconds last_published_ago{0};
  // The events after the first id, up to the second, are told again, published or not.
  EventId republish_after;
  EventId republish_until;
};

// What was acknowledged: parallel to each other.
struct Published {
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> created_micros;
  std::vector<std::int64_t> stream_seqs;
};

struct NewEpoch {
  std::int64_t number = 0;
  std::uint64_t first_seq = 0;
  std::string stream_created;
  EventId highest_in_stream;       // 0: the stream holds nothing of ours
  std::int64_t newest_micros = 0;  // when the last message was stored, by the clock of NATS
  bool restored = false;           // the database has forgotten what the stream knows
  // What the database has up to here was told by the end of the epoch before, though it knows
  // nothing of that epoch: it was restored.
  EventId told_until;
  std::chrono::seconds republish{0};  // of what was published last
};

// The relay's side of the database: the lease, what waits, what was published. One thread. Every
// call throws when there is no database.
class RelayStore {
 public:
  virtual ~RelayStore() = default;

  // The lease lives 1.5 s by the database's clock. An advisory lock would survive a stopped
  // process.
  virtual std::optional<RelayState> acquire_lease(const std::string& holder) = 0;
  virtual bool renew_lease(std::int64_t token) = 0;
  virtual void release_lease(std::int64_t token) = 0;

  // In outbox order: what is to be told again in this epoch and was not yet …
  virtual std::vector<OutboxRow> to_republish(const RelayState& state, std::size_t limit) = 0;
  // … and what was never published.
  virtual std::vector<OutboxRow> unpublished(std::size_t limit) = 0;
  // `state` as it was before. False when the database knows another one: the lease is somebody
  // else's by now, or a crash has taken markings back. Then nothing was written.
  virtual bool mark(const RelayState& state, const Published& published) = 0;
  // For events that were found in the stream: their `created_micros`, in the order of the ids; 0
  // for an id that the outbox does not know.
  virtual std::vector<std::int64_t> created_of(const std::vector<std::int64_t>& ids) = 0;
  // Nothing when the lease is somebody else's by now. When the database was restored from a backup,
  // or has not given out the stream's highest event yet, all identities are moved on, so that none
  // is given twice; what waits in the outbox and is younger than the stream's newest gets another.
  virtual std::optional<RelayState> raise_epoch(std::int64_t token, const NewEpoch& next) = 0;

  // False when the database was restarted since the lease was acquired: a crash takes back the last
  // markings.
  virtual bool same_session() const = 0;

  // Partitions of the days to come are made, those of days long published are dropped.
  virtual void tend_partitions(int keep_days) = 0;
};

}  // namespace fechatter::server
