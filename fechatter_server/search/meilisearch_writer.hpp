#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/service/search_index.hpp"
#include "fechatter_server/search/meilisearch_client.hpp"
#include "fechatter_server/search/meilisearch_documents.hpp"

namespace fechatter::server {

// Changes indexes of messages; every call returns when searches see the change. Blocking; any one
// thread at a time. Throws as MeilisearchClient does.
class MeilisearchWriter {
 public:
  explicit MeilisearchWriter(const MeilisearchSettings& settings) : client_{settings} {}

  // Creates an empty index with messages_settings(), if there is none of that name.
  void make_index(const std::string& uid);
  // Sets messages_settings() where the index has others.
  void apply_settings(const std::string& uid);
  void drop_index(const std::string& uid);
  void swap_indexes(const std::string& one, const std::string& other);

  // Nothing: there is no such index.
  std::optional<IndexMarker> marker(const std::string& uid);
  std::optional<std::int64_t> built_version(const std::string& uid);
  void mark(const std::string& uid, const IndexMarker& marker);

  // Writes messages that are not older than those of the index. Meilisearch has no conditional
  // update, so the versions are read first: of two writers of the same message at the same moment,
  // the one with the older version may come last. Events of one message that are handled one after
  // the other are safe; `search verify` finds the others. `marker` is written with the last batch.
  // Throws IndexRefusal too.
  void write(const std::string& uid, const std::vector<IndexedMessage>& messages,
             const std::optional<IndexMarker>& marker = std::nullopt);

  void remove(const std::string& uid, const std::vector<MessageId>& messages);

  // Tombstones included.
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
