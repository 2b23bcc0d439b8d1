#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/adaptive_batch.hpp"
#include "fechatter_core/event/erasures.hpp"
#include "fechatter_core/event/event_stream.hpp"
#include "fechatter_core/model/ids.hpp"
#include "fechatter_core/trace_context.hpp"

namespace fechatter::server {

// An event of the outbox.
struct OutboxRow {
  EventId id;
  std::int64_t created_micros = 0;  // finds the row's partition
  WorkspaceId workspace_id;
  ChatId chat_id;
  std::string type;
  std::string envelope;            // the JSON that is published
  event::Position first_position;  // in an earlier epoch; {}: not published yet
  event::Position workspace_last;  // of the last marked event of the workspace; {}: there is none
  TraceContext trace = {};         // the span of the request that wrote it; {}: not sampled
};

// The relay's record of the stream (the row relay_state).
struct RelayState {
  std::int64_t token = 0;  // the fencing token of the lease: grows with each take-over
  event::Epoch epoch;      // number 0: there was never a stream
  std::uint64_t last_stream_seq = 0;
  EventId last_event_id;  // 0: nothing was published in this epoch yet
  std::string stream_created;
  std::chrono::microseconds last_published_ago{0};
  // The events after the first id, up to the second, are republished, whether marked or not.
  EventId republish_after;
  EventId republish_until;
  // The epoch began in another history of PostgreSQL: it was restored to a point in time, or a
  // standby took over.
  bool other_history = false;
};

// Acknowledged events: parallel vectors.
struct Published {
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> created_micros;
  std::vector<std::int64_t> stream_seqs;
};

struct NewEpoch {
  std::int64_t number = 0;
  std::uint64_t first_seq = 0;
  std::string stream_created;
  EventId highest_in_stream;       // 0: the stream holds no event of this relay
  std::int64_t newest_micros = 0;  // when the last message was stored, by the clock of NATS
  bool restored = false;           // the database may have lost what it had given ids
  // Of a restored database: the epochs that it has lost had published its events up to this one by
  // the end of the newest of them.
  EventId republished_through;
  std::chrono::seconds republish{0};  // events published since then are republished
};

// The relay's side of the database: the lease, the outbox, the marks, the records of erasures. One
// thread. Every call throws when there is no database, and event::TookTooLong when a statement did
// not end in time.
class RelayStore : public event::ErasureSource {
 public:
  // The lease lives 1.5 s by the database's clock. An advisory lock would survive a stopped
  // process.
  virtual std::optional<RelayState> acquire_lease(const std::string& holder) = 0;
  virtual bool renew_lease(std::int64_t token) = 0;
  virtual void release_lease(std::int64_t token) = 0;

  // Rows to republish in this epoch that were not yet, in outbox order. The bytes of a batch are
  // those of its envelopes.
  virtual std::vector<OutboxRow> to_republish(const RelayState& state, BatchSize size) = 0;
  // Rows that were never published, in outbox order.
  virtual std::vector<OutboxRow> unpublished(BatchSize size) = 0;
  // Marks rows as published. `state` is the one before. False, and nothing is written, when the
  // database holds another state: the lease has another holder, or a crash has undone marks.
  virtual bool mark(const RelayState& state, const Published& published) = 0;
  // The `created_micros` of events that were found in the stream, in the order of the ids; 0 for an
  // id that the outbox does not have.
  virtual std::vector<std::int64_t> created_of(const std::vector<std::int64_t>& ids) = 0;
  // Nothing when the lease has another holder. When the database was restored from a backup, or has
  // not given out the stream's highest event id yet, all identity sequences skip ahead, so that no
  // id is given twice; unpublished events younger than the stream's newest message get new ids.
  virtual std::optional<RelayState> raise_epoch(std::int64_t token, const NewEpoch& next) = 0;

  // False when the database was restarted since the lease was acquired: a crash undoes the newest
  // marks.
  virtual bool same_session() const = 0;

  // Creates the partitions of the coming days and drops those of the outbox that are older than
  // `keep_days` and wholly published, and the positions of texts that are older than `stream_days`.
  // False: another transaction holds the tables, such as a dump, and it is to be tried again.
  // Events are stored and published meanwhile.
  virtual bool maintain_partitions(int keep_days, int stream_days) = 0;
};

}  // namespace fechatter::server
