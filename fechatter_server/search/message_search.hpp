#pragma once

#include <map>
#include <string>

#include "fechatter_core/http/large_answers.hpp"
#include "fechatter_core/observability/histogram.hpp"
#include "fechatter_core/service/search_index.hpp"
#include "fechatter_core/service/search_service.hpp"
#include "fechatter_server/search/postgres_search_repository.hpp"
#include "fechatter_server/search/search_turns.hpp"

namespace fechatter::server {

// The rules of search, over either index: the scope of the caller is read before the index is
// queried, and each match of the index is checked against PostgreSQL afterwards. A user has one
// search at a time, of `time` at most, in which it waits for the former one, too.
class MessageSearch final : public SearchService {
 public:
  MessageSearch(PostgresSearchRepository& repository, SearchIndex& index,
                http::LargeAnswers& answers, std::chrono::milliseconds time)
      : repository_{repository}, index_{index}, answers_{answers}, turns_{time} {}

  awaitable<SearchPage> search(Caller caller, SearchRequest request) override;

  // Of searches that were answered, with their waiting.
  const observability::Histogram& times() const { return times_; }

 private:
  // The users of each name in a query, as typed.
  using People = std::map<std::string, std::vector<UserId>>;

  awaitable<SearchPage> search_in_turn(Caller caller, SearchRequest request, SearchTurn turn);
  awaitable<People> people_of(Caller caller, const SearchRequest& request, SearchTurn turn);
  awaitable<std::vector<SearchableChat>> scope_of(Caller caller, const SearchRequest& request,
                                                  const People& people, SearchTurn turn);
  awaitable<std::vector<IndexMatch>> find(Caller caller, IndexQuery query,
                                          const SearchRequest& request);
  awaitable<> compare_literally(Caller caller, const SearchRequest& request,
                                std::vector<IndexMatch>& matches, SearchTurn turn);
  awaitable<> fill(SearchPage& page, Caller caller, const SearchRequest& request,
                   const std::vector<IndexMatch>& matches, SearchTurn turn);

  PostgresSearchRepository& repository_;
  SearchIndex& index_;
  http::LargeAnswers& answers_;
  SearchTurns turns_;
  observability::Histogram times_{observability::quick_seconds};
};

}  // namespace fechatter::server
