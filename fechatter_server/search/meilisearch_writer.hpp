#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "fechatter_core/service/search_index.hpp"
#include "fechatter_server/search/meilisearch_client.hpp"

namespace fechatter::server {

// What an index says of a message that it holds.
struct StoredMessage {
  MessageId id;
  Timestamp version;
  bool deleted = false;
};

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

  // The version of ours that the index was built by: 0 when it was not built to its end. Nullopt:
  // there is no such index.
  std::optional<std::int64_t> built_version(const std::string& uid);
  void mark_built(const std::string& uid);

  // Writes what is not older than what the index holds. Meilisearch has no conditional update, so
  // the versions are read first: of two writers that have the same message in hand at the same
  // moment, the one with the older version may come last. It does not happen where one message's
  // events are handled one after the other; comparing with the database finds it where it did.
  // Throws IndexRefusal too.
  void write(const std::string& uid, const std::vector<IndexedMessage>& messages);

  void remove(const std::string& uid, const std::vector<MessageId>& messages);

  // Those with from <= id < until, in no order.
  std::vector<StoredMessage> stored(const std::string& uid, MessageId from, MessageId until);
  // Tombstones included.
  std::int64_t count(const std::string& uid);

 private:
  using Versions = std::unordered_map<std::int64_t, std::int64_t>;

  Versions versions(const std::string& uid, const std::vector<MessageId>& ids);
  void write_batch(const std::string& uid, const std::vector<const IndexedMessage*>& batch);
  void add(const std::string& uid, const nlohmann::json& documents);

  MeilisearchClient client_;
};

}  // namespace fechatter::server
