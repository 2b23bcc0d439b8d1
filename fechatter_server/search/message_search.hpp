#pragma once

#include "fechatter_core/http/large_answers.hpp"
#include "fechatter_core/service/search_index.hpp"
#include "fechatter_core/service/search_service.hpp"
#include "fechatter_server/search/postgres_search_repository.hpp"

namespace fechatter::server {

// The rules of search, over either index: the scope of the caller is read before the index is
// queried, and each match of the index is checked against PostgreSQL afterwards.
class MessageSearch final : public SearchService {
 public:
  MessageSearch(PostgresSearchRepository& repository, SearchIndex& index,
                http::LargeAnswers& answers)
      : repository_{repository}, index_{index}, answers_{answers} {}

  awaitable<SearchPage> search(Caller caller, SearchRequest request) override;

 private:
  awaitable<std::vector<SearchableChat>> scope_of(Caller caller, const SearchRequest& request);
  // Empty: any sender. Nullopt: no message can match.
  awaitable<std::optional<std::vector<UserId>>> senders_of(Caller caller,
                                                           const SearchRequest& request);
  awaitable<std::vector<IndexMatch>> find(Caller caller, IndexQuery query);
  awaitable<> fill(SearchPage& page, Caller caller, const SearchRequest& request,
                   const std::vector<IndexMatch>& matches);

  PostgresSearchRepository& repository_;
  SearchIndex& index_;
  http::LargeAnswers& answers_;
};

}  // namespace fechatter::server
