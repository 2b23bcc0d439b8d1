#pragma once

#include <functional>
#include <optional>
#include <string>

#include "fechatter_core/postgres/connection.hpp"
#include "fechatter_core/service/search_index.hpp"

namespace fechatter::server {

// How far a pass over all messages has come. `last` is the newest message there was at its start.
struct IndexProgress {
  MessageId at;
  MessageId last;
  std::size_t messages = 0;  // passed so far
};

struct IndexDifferences {
  std::size_t checked = 0;
  std::size_t missing = 0;  // in PostgreSQL, not in the index
  std::size_t stale = 0;    // there with another text
  std::size_t extra = 0;    // in the index only

  bool none() const { return missing + stale + extra == 0; }
};

// Which messages a pass is about.
struct IndexScope {
  std::optional<WorkspaceId> workspace;  // nothing: all
  MessageId after;                       // those behind this one: where an earlier pass ended
};

// Passes over all messages, in the order of their ids, and makes the index what they are. Reads
// PostgreSQL over a connection of its own. One thread; every call blocks, and ends early when
// `stopped` says so.
class IndexKeeper {
 public:
  using Report = std::function<void(const IndexProgress&)>;

  IndexKeeper(const std::string& database_url, SearchIndexUpkeep& index, Report report,
              std::function<bool()> stopped);

  // The whole index, beside the one that is served, which it follows at the end. Goes on with a
  // build that was interrupted. False when stopped.
  bool build();
  // Writes what is served, in place.
  void rewrite(const IndexScope& scope);
  // Compares what is served with the messages; with `repairs`, makes it what they are.
  IndexDifferences verify(const IndexScope& scope, bool repairs);

 private:
  std::vector<IndexedMessage> read_after(MessageId after, const IndexScope& scope);
  // Calls visit(messages, those before them) with slice after slice. False when stopped.
  template <class Visit>
  bool pass(const IndexScope& scope, Visit visit);
  void compare(const std::vector<IndexedMessage>& messages, MessageId before,
               const IndexScope& scope, bool repairs, IndexDifferences& differences);

  postgres::Connection messages_;
  SearchIndexUpkeep& index_;
  const Report report_;
  const std::function<bool()> stopped_;
};

}  // namespace fechatter::server
