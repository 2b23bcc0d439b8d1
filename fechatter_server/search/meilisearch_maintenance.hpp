#pragma once

#include <string>

#include "fechatter_core/service/search_index.hpp"
#include "fechatter_server/search/meilisearch_writer.hpp"

namespace fechatter::server {

// Where an index is built before it takes the live one's place.
std::string index_beside(const MeilisearchSettings& settings);

// Looks after the index in Meilisearch. How far a build has come stands in the index that is built
// (IndexMarker), with the messages that were written at the same moment.
class MeilisearchUpkeep final : public SearchIndexUpkeep {
 public:
  explicit MeilisearchUpkeep(const MeilisearchSettings& settings);

  bool is_up_to_date() override;
  // Throws away what other rules than ours have begun to build. Messages are to be read from the
  // database only after this has returned: whatever changes from now on is applied to both.
  MessageId begin_build() override;
  void build(const std::vector<IndexedMessage>& messages) override;
  // IndexRefusal when it is not there any more, or somebody else has finished it.
  void finish_build() override;

  // The deleted ones as well.
  std::map<MessageId, Timestamp> versions(const IndexRange& range) override;
  void put(const std::vector<IndexedMessage>& messages) override;
  void remove(const std::vector<MessageId>& messages) override;

 private:
  const std::string live_;
  const std::string beside_;
  MeilisearchWriter writer_;
};

}  // namespace fechatter::server
