#pragma once

#include "fechatter_core/service/search_index.hpp"
#include "fechatter_server/search/meilisearch_rebuild.hpp"

namespace fechatter::server {

// Looks after the index in Meilisearch. A build that was interrupted begins anew.
class MeilisearchUpkeep : public SearchIndexUpkeep {
 public:
  explicit MeilisearchUpkeep(const MeilisearchSettings& settings);

  bool is_up_to_date() override;
  MessageId begin_build() override;
  void build(const std::vector<IndexedMessage>& messages) override;
  void finish_build() override;
  std::map<MessageId, Timestamp> versions(MessageId first, MessageId last) override;
  void put(const std::vector<IndexedMessage>& messages) override;
  void remove(const std::vector<MessageId>& messages) override;

 private:
  const std::string index_;
  MeilisearchWriter writer_;
  MeilisearchRebuild rebuild_;
};

}  // namespace fechatter::server
