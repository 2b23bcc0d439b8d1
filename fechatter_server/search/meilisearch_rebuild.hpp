#pragma once

#include <string>
#include <vector>

#include "fechatter_core/service/search_index.hpp"
#include "fechatter_server/search/meilisearch_writer.hpp"

namespace fechatter::server {

// Where an index is built before it takes the live one's place.
std::string index_beside(const MeilisearchSettings& settings);

// Builds the index anew beside the live one, which is found in and written meanwhile: begin(),
// fill() with every message there is, finish(). Blocking; any one thread at a time. REQUIRES: among
// all servers, one at a time. Throws search_unavailable and IndexRefusal; whoever gives up may
// begin() again later.
class MeilisearchRebuild {
 public:
  explicit MeilisearchRebuild(const MeilisearchSettings& settings);

  // Throws away what somebody else has left unfinished. Messages are to be read from the database
  // only after this has returned: whatever changes from now on is applied to both.
  void begin();
  void fill(const std::vector<IndexedMessage>& messages);
  // The new one takes the place of the live one, which is deleted.
  void finish();
  void abandon();

  // For comparing the live index with the database: messages with from <= id < until, the deleted
  // ones as well.
  std::vector<StoredMessage> stored(MessageId from, MessageId until);
  // Writes into the live one what it lacks.
  void repair(const std::vector<IndexedMessage>& messages);

 private:
  const std::string live_;
  const std::string beside_;
  MeilisearchWriter writer_;
};

}  // namespace fechatter::server
