#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <vector>

#include "fechatter_server/search/meilisearch_index.hpp"
#include "fechatter_server/search/meilisearch_maintenance.hpp"
#include "tests/meilisearch/messages.hpp"
#include "tests/support/await.hpp"

namespace fechatter::test {

// An index of its own in a real Meilisearch: the one at FECHATTER_TEST_MEILISEARCH_URL (with
// FECHATTER_TEST_MEILISEARCH_KEY), or one that is started from FECHATTER_TEST_MEILISEARCH_BIN.
// Without either the tests are skipped, with a message.
class IndexInMeilisearch : public testing::Test {
 protected:
  static void TearDownTestSuite();
  void SetUp() override;
  void TearDown() override;

  void apply(const std::vector<IndexedMessage>& messages) { index->apply(messages); }
  std::vector<IndexMatch> matches(IndexQuery query) {
    return await(io, index->find(std::move(query)));
  }
  // The ids of the matches of a query, in order.
  std::vector<std::int64_t> found(std::vector<SearchTerm> terms) {
    return ids_of(matches(query(std::move(terms))));
  }

  asio::io_context io;
  server::MeilisearchSettings settings;
  std::unique_ptr<server::MeilisearchIndex> index;
};

}  // namespace fechatter::test
