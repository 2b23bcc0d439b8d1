#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/service/search_index.hpp"
#include "fechatter_server/search/meilisearch_client.hpp"
#include "fechatter_server/search/meilisearch_documents.hpp"

namespace fechatter::server {

// Changes indexes of messages, and returns when a change can be found. Blocking; any one thread at
// a time. Throws what MeilisearchClient does.
class MeilisearchWriter {
 public:
  explicit MeilisearchWriter(const MeilisearchSettings& settings) : client_{settings} {}

  // An empty index with our settings, if there is none of that name.
  void make_index(const std::string& uid);
  // Gives an index our settings where it has others.
  void mend_settings(const std::string& uid);
  void drop_index(const std::string& uid);
  void swap_indexes(const std::string& one, const std::string& other);

  // What the index says of itself. Nullopt: there is no such index.
  std::optional<IndexMarker> marker(const std::string& uid);
  std::optional<std::int64_t> built_version(const std::string& uid);
  void mark(const std::string& uid, const IndexMarker& marker);

  // Writes what is not older than what the index holds. Meilisearch has no conditional update, so
  // the versions are read first: of two writers that have the same message in hand at the same
  // moment, the one with the older version may come last. It does not happen where one message's
  // events are handled one after the other; comparing with the database finds it where it did.
  // `marker` is written with the last of them. Throws IndexRefusal too.
  void write(const std::string& uid, const std::vector<IndexedMessage>& messages,
             const std::optional<IndexMarker>& marker = std::nullopt);

  void remove(const std::string& uid, const std::vector<MessageId>& messages);

  // The deleted ones as well.
  std::map<MessageId, Timestamp> versions(const std::string& uid, const IndexRange& range);
  // Tombstones included.
  std::int64_t count(const std::string& uid);

 private:
  using Batch = std::vector<const IndexedMessage*>;

  std::map<MessageId, Timestamp> versions(const std::string& uid, const std::string& filter,
                                          std::size_t limit);
  nlohmann::json documents(const std::string& uid, const Batch& batch);
  void add(const std::string& uid, const nlohmann::json& documents);

  MeilisearchClient client_;
};

}  // namespace fechatter::server
