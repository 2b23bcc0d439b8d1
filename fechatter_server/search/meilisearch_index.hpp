#pragma once

#include <string>
#include <vector>

#include "fechatter_core/service/search_index.hpp"
#include "fechatter_core/worker_pool.hpp"
#include "fechatter_server/search/meilisearch_client.hpp"
#include "fechatter_server/search/meilisearch_writer.hpp"

namespace fechatter::server {

// Messages in Meilisearch (1.12 or later), which is asked on threads of this index's own. It is
// given our words (written()), so both indexes find by the same rules. What it does otherwise than
// the other one: the beginning of a word forgives errors too; in alphabets other than the Latin one
// the words of a query may share the errors that each of them forgives; an address that is still
// being typed is found where its last word is begun anywhere; a phrase does not go on from a part
// of a word; very rarely a phrase of more than three words is found where only its parts are.
class MeilisearchIndex final : public SearchIndex {
 public:
  // Does not connect yet.
  explicit MeilisearchIndex(const MeilisearchSettings& settings);

  enum class State {
    current,
    unbuilt,  // of an older version, or new and without the messages of before: see
              // MeilisearchUpkeep
  };
  // Makes the index if there is none and mends its settings; one that a newer server has built is
  // current. To be called at the start and, by the thread that applies, whenever it likes.
  State prepare();

  awaitable<std::vector<IndexMatch>> find(IndexQuery query) override;

  // An index that has disappeared is made anew, empty. While one is being built beside it, both are
  // written.
  void apply(const std::vector<IndexedMessage>& messages) override;

  // Asks as find() does: the key and the index count, too.
  awaitable<> check() override;

 private:
  void apply_beside(const std::vector<IndexedMessage>& messages);

  const MeilisearchSettings settings_;
  MeilisearchWriter writer_;
  bool prepared_ = false;
  WorkerPool<MeilisearchClient> pool_;
};

}  // namespace fechatter::server
