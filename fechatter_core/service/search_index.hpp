#pragma once

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/search.hpp"
#include "fechatter_core/service/search_turn.hpp"

namespace fechatter {

// A message as the index stores it.
struct IndexedMessage {
  MessageId id;
  WorkspaceId workspace_id;
  ChatId chat_id;
  UserId sender_id;
  std::string content;
  std::vector<std::string> files;       // URLs
  std::vector<std::string> file_names;  // of files that were uploaded here; else URLs end in names
  Timestamp created_at;
  // The moment of its last change (deleted, else edited, else created). An older version never
  // replaces a newer one, so that redelivered and late events do no harm.
  Timestamp version;
  bool deleted = false;
};

// A query to the index: names are resolved to ids and times.
struct IndexQuery {
  WorkspaceId workspace_id;
  UserId caller;
  std::vector<ChatId> chats;       // messages of other chats never match; empty: none match
  std::vector<SearchTerm> terms;   // each has a token
  std::vector<UserId> senders;     // empty: any sender
  std::optional<Timestamp> from;   // inclusive
  std::optional<Timestamp> until;  // exclusive
  bool has_file = false;
  bool has_link = false;
  SearchSort sort = SearchSort::relevance;
  SearchTurn turn;
};

struct IndexMatch {
  MessageId id;
  ChatId chat_id;
  UserId sender_id;
  Timestamp created_at;
  Timestamp version;  // of the text that matched
  double score = 0;   // 0..1
};

// The index of messages, in PostgreSQL or in Meilisearch: one contract, tested by the same tests.
// The caller checks the matches against the database, because an index may lag.
class SearchIndex {
 public:
  virtual ~SearchIndex() = default;

  // At most search_total_max matches, the best (newest, oldest) first, each message once. Any I/O
  // thread. Throws search_unavailable, also at the end of the query's turn, and search_superseded.
  virtual awaitable<std::vector<IndexMatch>> find(IndexQuery query) = 0;

  // Returns when searches see the messages. Idempotent. Blocks; any one thread at a time. Throws
  // search_unavailable when a retry may succeed, IndexRefusal when it cannot.
  virtual void apply(const std::vector<IndexedMessage>& messages) = 0;

  // Returns when the index answers, else throws. Any I/O thread.
  virtual awaitable<> check() = 0;
};

// The messages from `first` to `last`, both included.
struct IndexRange {
  MessageId first;
  MessageId last;
  std::optional<WorkspaceId> workspace;  // nothing: of all workspaces

  std::size_t length() const { return static_cast<std::size_t>(last.value - first.value + 1); }
};

// The same index for its maintenance (IndexRebuild). One thread; every call blocks, and throws as
// SearchIndex::apply does.
class SearchIndexMaintenance {
 public:
  virtual ~SearchIndexMaintenance() = default;

  // Whether the served index was built by the rules of this program.
  virtual bool is_up_to_date() = 0;
  // Begins to build an index beside the served one, or resumes an interrupted build; from then on
  // apply() writes to both. Returns the last message that the build has.
  virtual MessageId begin_build() = 0;
  // The next messages, in the order of their ids.
  virtual void build(const std::vector<IndexedMessage>& messages) = 0;
  // Serves the built index, and removes the former one.
  virtual void finish_build() = 0;

  // The versions of a range of messages in the served index.
  virtual std::map<MessageId, Timestamp> versions(const IndexRange& range) = 0;
  // Writes messages into the served index.
  virtual void put(const std::vector<IndexedMessage>& messages) = 0;
  virtual void remove(const std::vector<MessageId>& messages) = 0;
};

// The content of the messages can never be indexed.
class IndexRefusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace fechatter
