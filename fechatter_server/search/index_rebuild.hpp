#pragma once

#include <functional>
#include <optional>
#include <string>

#include "fechatter_core/adaptive_batch.hpp"
#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_core/service/search_index.hpp"

namespace fechatter::server {

// The progress of a pass over all messages. `last` is the newest message at its start.
struct IndexProgress {
  MessageId at;
  MessageId last;
  std::size_t messages = 0;  // read so far
};

struct IndexDifferences {
  std::size_t checked = 0;
  std::size_t missing = 0;  // in PostgreSQL, not in the index
  std::size_t stale = 0;    // there with another text
  std::size_t extra = 0;    // in the index only

  bool none() const { return missing + stale + extra == 0; }
};

// The messages of a pass.
struct IndexScope {
  std::optional<WorkspaceId> workspace;  // nothing: all
  MessageId after;                       // with greater ids only: an earlier pass ended there
};

// Rebuilds, backfills and verifies an index from the messages in PostgreSQL, in the order of their
// ids, over a connection of its own. One thread; every call blocks, and ends early when `stopped`
// returns true.
class IndexRebuild {
 public:
  using Report = std::function<void(const IndexProgress&)>;

  // An index takes many messages at once in little more time than one, so that a slice is as large
  // as the memory for it allows: its texts take 8 MiB and one text more at most.
  static constexpr BatchSize usual_slice{10'000, 8U << 20U};

  IndexRebuild(const std::string& database_url, SearchIndexMaintenance& index, Report report,
               std::function<bool()> stopped, BatchSize slice_max = usual_slice);

  // Builds the whole index beside the served one, which it replaces at the end. Resumes an
  // interrupted build. False when stopped.
  bool build();
  // Writes the messages into the served index, in place.
  void rewrite(const IndexScope& scope);
  // Compares the served index with the messages; with `repairs`, corrects it.
  IndexDifferences verify(const IndexScope& scope, bool repairs);

 private:
  // A slice that takes too long is halved.
  pqxx::result read_rows_after(MessageId after, const IndexScope& scope);
  std::vector<IndexedMessage> read_after(MessageId after, const IndexScope& scope);
  // Calls visit(messages, id before them) for slice after slice. False when stopped.
  template <class Visit>
  bool pass(const IndexScope& scope, Visit visit);
  void compare(const std::vector<IndexedMessage>& messages, MessageId before,
               const IndexScope& scope, bool repairs, IndexDifferences& differences);

  postgres::Connection messages_;
  SearchIndexMaintenance& index_;
  const Report report_;
  const std::function<bool()> stopped_;
  AdaptiveBatch slice_;
};

}  // namespace fechatter::server
