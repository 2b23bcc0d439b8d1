#pragma once

#include <string>

#include "fechatter_core/service/search_index.hpp"
#include "fechatter_server/search/meilisearch_writer.hpp"

namespace fechatter::server {

// The name of the index that a rebuild fills, before it is swapped with the served one.
std::string build_index_name(const MeilisearchSettings& settings);

// Maintenance of the index in Meilisearch. The progress of a rebuild is in the index that is built
// (IndexMarker), written together with the messages.
class MeilisearchMaintenance final : public SearchIndexMaintenance {
 public:
  explicit MeilisearchMaintenance(const MeilisearchSettings& settings);

  bool is_up_to_date() override;
  // Drops a rebuild of another version. REQUIRES: the caller reads messages from the database only
  // after this has returned; later changes are applied to both indexes.
  MessageId begin_build() override;
  void build(const std::vector<IndexedMessage>& messages) override;
  // IndexRefusal when the index is gone, or another process has finished it.
  void finish_build() override;

  // Tombstones included.
  std::map<MessageId, Timestamp> versions(const IndexRange& range) override;
  void put(const std::vector<IndexedMessage>& messages) override;
  void remove(const std::vector<MessageId>& messages) override;

 private:
  const std::string served_;
  const std::string build_;
  MeilisearchWriter writer_;
};

}  // namespace fechatter::server
