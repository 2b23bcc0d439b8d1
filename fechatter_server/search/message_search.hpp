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
// search at a time, of `time` at most, in which it waits for the former one, too. The search of a
// heavy reader is done in parts, whose rests do not count.
class MessageSearch final : public SearchService {
 public:
  MessageSearch(PostgresSearchRepository& repository, SearchIndex& index,
                http::LargeAnswers& answers, std::chrono::milliseconds time)
      : repository_{repository}, index_{index}, answers_{answers}, turns_{time} {}

  awaitable<SearchPage> search(Caller caller, SearchRequest request, Pace& pace) override;

  // Of searches that were answered, with their waiting and their rests.
  const observability::Histogram& times() const { return times_; }

 private:
  struct Run {
    const Caller caller;
    const SearchRequest request;
    const SearchTurn turn;
    Pace& pace;
  };
  // The users of each name in a query, as typed.
  using People = std::map<std::string, std::vector<UserId>>;

  awaitable<SearchPage> search_in_turn(const Run& run);
  awaitable<People> people_of(const Run& run);
  awaitable<std::vector<SearchableChat>> scope_of(const Run& run, const People& people);
  awaitable<std::vector<IndexMatch>> find(const Run& run, IndexQuery query);
  awaitable<> drop_invisible(const Run& run, std::vector<IndexMatch>& matches);
  awaitable<> compare_literally(const Run& run, std::vector<IndexMatch>& matches);
  awaitable<> fill(SearchPage& page, const Run& run, const std::vector<IndexMatch>& matches);
  awaitable<> rest(const Run& run);

  PostgresSearchRepository& repository_;
  SearchIndex& index_;
  http::LargeAnswers& answers_;
  SearchTurns turns_;
  observability::Histogram times_{observability::quick_seconds};
};

}  // namespace fechatter::server
