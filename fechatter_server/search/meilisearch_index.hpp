#pragma once

#include <string>
#include <vector>

#include "fechatter_core/service/search_index.hpp"
#include "fechatter_core/worker_pool.hpp"
#include "fechatter_server/search/meilisearch_client.hpp"
#include "fechatter_server/search/meilisearch_writer.hpp"

namespace fechatter::server {

// Messages in Meilisearch (1.12 or later), which is asked on threads of this index's own. What it
// does otherwise than the other index: an error in a word's first letter counts twice; a word that
// is still being typed forgives errors by its bytes, and also in numbers; it finds a word that is
// written as two, and two that are written as one.
class MeilisearchIndex final : public SearchIndex {
 public:
  // Does not connect yet.
  explicit MeilisearchIndex(const MeilisearchSettings& settings);

  enum class State {
    current,
    unbuilt,  // of an older version, or new and without the messages of before: see
              // MeilisearchRebuild
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
