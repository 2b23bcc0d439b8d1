#include "fechatter_core/http/large_answers.hpp"
#include "fechatter_core/pace.hpp"
#include "fechatter_server/search/message_search.hpp"
#include "fechatter_server/search/postgres_search_repository.hpp"
#include "tests/server/postgres_index_fixture.hpp"

// Into how many statements a search is cut, for a heavy reader and for others.
namespace fechatter::server {
namespace {

using testing::ElementsAre;

class SearchParts : public PostgresIndexes {
 protected:
  static constexpr int messages = 210;

  SearchParts() {
    std::vector<IndexedMessage> stored;
    for (int i = 0; i < messages; ++i) {
      const auto id = store(fmt::format("C++ {}", i)).value;
      auto copy = message(id, fmt::format("C++ {}", i));
      copy.created_at = copy.version = from_unix_micros(database.number(
          fmt::format("SELECT unix_micros(created_at) FROM messages WHERE id = {}", id)));
      stored.push_back(std::move(copy));
    }
    index.apply(stored);
  }
  SearchPage search(Pace& pace) {
    SearchRequest request;
    request.terms = {{SearchTerm::Kind::word, "C++", false}};
    return test::await(io, service.search({WorkspaceId{1}, UserId{alice}}, request, pace));
  }
  // Of the one connection, since it was opened: of matches, of texts and of hits.
  std::vector<int> statements() {
    const auto count = [](postgres::Connection& connection) {
      return connection.run_script(
          "SELECT (SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE name = n)"
          " FROM unnest(ARRAY['select_search_visible', 'select_search_texts',"
          " 'select_search_hits']) WITH ORDINALITY AS w (n, place) ORDER BY place");
    };
    std::vector<int> counts;
    for (const auto& row : test::await(io, searching.run(count))) {
      counts.push_back(row[0].as<int>());
    }
    return counts;
  }

  PostgresSearchRepository repository{searching};
  http::LargeAnswers answers{{}};
  MessageSearch service{repository, index, answers, std::chrono::seconds{30}};
};

TEST_F(SearchParts, AreManyForHeavyReadersAndFewForOthers) {
  Pace pace;
  const auto whole = search(pace);
  EXPECT_EQ(whole.total, messages);
  EXPECT_THAT(statements(), ElementsAre(1, 2, 1));
  pace.begin(1);
  const auto in_parts = search(pace);
  EXPECT_THAT(statements(), ElementsAre(1 + 2, 2 + 27, 1 + 10));
  ASSERT_EQ(in_parts.hits.size(), whole.hits.size());
  ASSERT_TRUE(in_parts.next && whole.next);
  for (std::size_t i = 0; i < whole.hits.size(); ++i) {
    EXPECT_EQ(in_parts.hits[i].message.id, whole.hits[i].message.id);
    EXPECT_EQ(in_parts.hits[i].highlight, whole.hits[i].highlight);
  }
  EXPECT_EQ(in_parts.facets.month, whole.facets.month);
  EXPECT_EQ(in_parts.next->after, whole.next->after);
  EXPECT_EQ(in_parts.bytes, whole.bytes);
}

}  // namespace
}  // namespace fechatter::server
