#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fechatter_core/model/search.hpp"

namespace fechatter::server {

inline constexpr std::size_t highlight_length_max = 240;  // characters of the text that are shown

// Where in `content` the terms are found, by the same rules as the index finds them (words exactly,
// as prefixes, with typing errors; phrases; grams). The result is HTML that is safe to show:
// everything is escaped, and what was found stands between <mark> and </mark>. A long text is cut
// to the surroundings of the first find, with "…" where something is left out; without a find it is
// the text's beginning. Excluded terms mark nothing. Any thread.
std::string highlight(std::string_view content, const std::vector<SearchTerm>& terms);

}  // namespace fechatter::server
