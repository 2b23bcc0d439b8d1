#pragma once

#include "fechatter_core/repository/search_repository.hpp"
#include "fechatter_core/service/search_index.hpp"
#include "fechatter_core/service/search_service.hpp"

namespace fechatter::server {

// The rules of search, over whichever index: what the caller may see is read before the index is
// asked, and looked at again in what it returns.
class MessageSearch : public SearchService {
 public:
  MessageSearch(SearchRepository& repository, SearchIndex& index)
      : repository_{repository}, index_{index} {}

  awaitable<SearchPage> search(auth::Identity caller, SearchRequest request) override;

 private:
  awaitable<std::vector<SearchableChat>> scope_of(const auth::Identity& caller,
                                                  const SearchRequest& request);
  // Nothing when there can be none.
  awaitable<std::optional<std::vector<UserId>>> senders_of(const auth::Identity& caller,
                                                           const SearchRequest& request);
  awaitable<std::vector<IndexMatch>> find(const auth::Identity& caller, IndexQuery query);
  awaitable<> fill(SearchPage& page, const auth::Identity& caller, const SearchRequest& request,
                   const std::vector<IndexMatch>& matches);

  SearchRepository& repository_;
  SearchIndex& index_;
};

}  // namespace fechatter::server
