#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/model/search.hpp"

namespace fechatter::server {

inline constexpr std::size_t highlight_length_max = 240;  // characters of the text that are shown

// `content` as HTML that is safe to show: everything is escaped, and the matches of the terms stand
// between <mark> and </mark>. Terms match by the rules of the index (words exactly, as prefixes,
// with typing errors; phrases; grams; signs as they are written); excluded terms mark nothing. A
// long text is cut to the surroundings of the first match, or to its beginning, with "…" where text
// is left out. Marks and cuts stand between grapheme clusters. Pure; any thread.
std::string highlight(std::string_view content, const std::vector<SearchTerm>& terms);

}  // namespace fechatter::server
