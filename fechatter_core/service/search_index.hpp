#pragma once

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/search.hpp"

namespace fechatter {

// A message as the index keeps it.
struct IndexedMessage {
  MessageId id;
  WorkspaceId workspace_id;
  ChatId chat_id;
  UserId sender_id;
  std::string content;
  std::vector<std::string> files;  // URLs
  Timestamp created_at;
  // The moment of its last change (deleted, else edited, else created): an older one never replaces
  // a newer one, so that whoever tells the index twice, or late, does no harm.
  Timestamp version;
  bool deleted = false;
};

// What the index is asked: everything is resolved to ids and times.
struct IndexQuery {
  WorkspaceId workspace_id;
  UserId caller;
  std::vector<ChatId> chats;  // nothing of any other chat is ever found; empty: nothing at all
  std::vector<SearchTerm> terms;
  std::vector<UserId> senders;     // empty: anybody
  std::optional<Timestamp> from;   // inclusive
  std::optional<Timestamp> until;  // exclusive
  bool has_file = false;
  bool has_link = false;
  SearchSort sort = SearchSort::relevance;
};

struct IndexMatch {
  MessageId id;
  ChatId chat_id;
  UserId sender_id;
  Timestamp created_at;
  Timestamp version;  // of the text that matched
  double score = 0;   // 0..1
};

// Where messages are found. The two implementations are PostgreSQL and Meilisearch: the same
// contract, tested by the same tests. What an index returns is checked again by its caller, because
// an index may be behind.
class SearchIndex {
 public:
  virtual ~SearchIndex() = default;

  // At most search_total_max matches, the best (or newest) first, each message once. Any I/O
  // thread. Throws search_unavailable.
  virtual awaitable<std::vector<IndexMatch>> find(IndexQuery query) = 0;

  // Returns when all of it can be found. Blocks; any one thread at a time. Throws
  // search_unavailable when it should be tried again, IndexRefusal when that would be in vain.
  virtual void apply(const std::vector<IndexedMessage>& messages) = 0;

  // Returns when the index answers, throws when it does not. Any I/O thread.
  virtual awaitable<> check() = 0;
};

// The messages from `first` to `last`, both included.
struct IndexRange {
  MessageId first;
  MessageId last;
  std::optional<WorkspaceId> workspace;  // nothing: of all of them

  std::size_t length() const { return static_cast<std::size_t>(last.value - first.value + 1); }
};

// The same index for its maintenance (IndexRebuild). One thread; every call blocks, and throws as
// SearchIndex::apply does.
class SearchIndexMaintenance {
 public:
  virtual ~SearchIndexMaintenance() = default;

  // Whether what is served was built by the rules of this program.
  virtual bool is_up_to_date() = 0;
  // Begins to build the index anew, beside what is served, or goes on with a build that was
  // interrupted; what is applied from then on goes into both. Returns the last message of those
  // that are in it already.
  virtual MessageId begin_build() = 0;
  // The next messages, in the order of their ids.
  virtual void build(const std::vector<IndexedMessage>& messages) = 0;
  // From now on it is served; the former one is removed.
  virtual void finish_build() = 0;

  // What is served, of the messages of a range.
  virtual std::map<MessageId, Timestamp> versions(const IndexRange& range) = 0;
  // Writes messages into what is served, whatever is there.
  virtual void put(const std::vector<IndexedMessage>& messages) = 0;
  virtual void remove(const std::vector<MessageId>& messages) = 0;
};

// What is in the messages cannot be indexed, today or later.
class IndexRefusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace fechatter
