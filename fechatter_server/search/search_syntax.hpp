#pragma once

#include <string_view>

#include "fechatter_core/model/search.hpp"

namespace fechatter::server {

inline constexpr std::size_t search_query_length_max = 512;  // characters
inline constexpr std::size_t search_terms_max = 256;
inline constexpr std::size_t search_names_max = 8;  // from: and in:, together

// Adds the terms and filters of `query` to `request`: words, "phrases", -excluded terms, prefixes*
// (the last word is one too), and from: in: before: after: on: has:, in any case. Days are days of
// UTC; `today` is the present moment. Words without a token, such as "!?", are dropped; a query of
// nothing else is refused. A word that begins with two hyphens is one as it stands. Throws
// invalid_fields that names `q`. Pure; any thread.
void read_query(std::string_view query, Timestamp today, SearchRequest& request);

// Whether an index can look for the term: it has a token.
bool has_token(const SearchTerm& term);

// A moment (RFC 3339), or a day: its beginning, or its end with `end_of_day`. Nothing for another
// text.
std::optional<Timestamp> parse_moment(std::string_view text, bool end_of_day);

// Narrow the time span of the request.
void require_from(SearchRequest& request, Timestamp moment);
void require_until(SearchRequest& request, Timestamp moment);

}  // namespace fechatter::server
