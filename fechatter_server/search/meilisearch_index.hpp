#pragma once

#include <string>
#include <vector>

#include "fechatter_core/service/search_index.hpp"
#include "fechatter_core/worker_pool.hpp"
#include "fechatter_server/search/meilisearch_client.hpp"
#include "fechatter_server/search/meilisearch_writer.hpp"

namespace fechatter::server {

// The index in Meilisearch (1.12 or later). Searches run on threads of its own. The words are
// encoded (encode_word()), so both indexes match by the same rules, with these differences: a
// prefix tolerates typing errors too; in alphabets other than the Latin one the words of a query
// may share the errors that each of them tolerates; an address that is still being typed matches
// where its last word begins anywhere; a phrase does not begin at a part of a word; very rarely a
// phrase of more than three words matches where only its parts do.
class MeilisearchIndex final : public SearchIndex {
 public:
  // Does not connect yet.
  explicit MeilisearchIndex(const MeilisearchSettings& settings);

  enum class State {
    current,
    unbuilt,  // of an older version, or new and without older messages: see
              // MeilisearchMaintenance
  };
  // Creates a missing index and sets its settings; an index that a newer server has built is
  // current. Called at the start, and at any time by the thread that applies.
  State prepare();

  awaitable<std::vector<IndexMatch>> find(IndexQuery query) override;

  // Creates an index that has disappeared, empty. During a rebuild both indexes are written.
  void apply(const std::vector<IndexedMessage>& messages) override;

  // An empty search, so that a wrong key and a missing index count as failures.
  awaitable<> check() override;

 private:
  void apply_to_build(const std::vector<IndexedMessage>& messages);

  const MeilisearchSettings settings_;
  MeilisearchWriter writer_;
  bool prepared_ = false;
  WorkerPool<MeilisearchClient> pool_;
};

}  // namespace fechatter::server
