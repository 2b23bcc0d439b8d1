#pragma once

#include <string_view>

#include "fechatter_core/model/search.hpp"

namespace fechatter::server {

inline constexpr std::size_t search_query_length_max = 512;  // characters
inline constexpr std::size_t search_terms_max = 256;

// Adds to `request` what `query` asks for: words, "phrases", -excluded ones, beginnings* (the last
// word is one too), and from: in: before: after: on: has:. A day is one of UTC; `today` says which
// it is. Words without anything that can be found, such as "!?", are dropped. Throws invalid_fields
// that names `q`. Any thread.
void read_query(std::string_view query, Timestamp today, SearchRequest& request);

// A moment (RFC 3339), or a day: its beginning, or its end when `end_of_day`. Nothing when it is
// neither.
std::optional<Timestamp> parse_moment(std::string_view text, bool end_of_day);

// Narrows the span of time.
void require_from(SearchRequest& request, Timestamp moment);
void require_until(SearchRequest& request, Timestamp moment);

}  // namespace fechatter::server
