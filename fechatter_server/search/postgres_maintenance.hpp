#pragma once

#include "fechatter_core/service/search_index.hpp"
#include "fechatter_server/search/index_batch.hpp"

namespace fechatter::server {

// Maintenance of the index in PostgreSQL, over a connection of its own.
class PostgresMaintenance : public SearchIndexMaintenance {
 public:
  explicit PostgresMaintenance(const std::string& url);

  bool is_up_to_date() override;
  MessageId begin_build() override;
  void build(const std::vector<IndexedMessage>& messages) override;
  void finish_build() override;
  std::map<MessageId, Timestamp> versions(const IndexRange& range) override;
  void put(const std::vector<IndexedMessage>& messages) override;
  void remove(const std::vector<MessageId>& messages) override;

 private:
  postgres::Connection connection_;
  IndexBatches batches_;
};

}  // namespace fechatter::server
