#pragma once

#include <string>
#include <vector>

#include "fechatter_core/model/search.hpp"

// The text of searches in Meilisearch. Pure; any thread.
namespace fechatter::server {

// The `q` of a search, and the typing errors that a hit may have in all of it: Meilisearch counts
// bytes and tolerates errors in numbers, this search counts letters and tolerates none there.
struct QueryText {
  std::string text;
  std::size_t errors_max = 0;

  bool operator==(const QueryText&) const = default;
};

// Meilisearch evaluates the first ten terms of a query and matches a prefix only at its end.
// Further terms and prefixes become further queries: a hit is a hit of all of them. Of a term of
// several words that is a prefix, the last word may stand anywhere. Never empty.
std::vector<QueryText> query_texts(const std::vector<SearchTerm>& terms);

}  // namespace fechatter::server
