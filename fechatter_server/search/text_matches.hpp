#pragma once

#include <cstdint>
#include <vector>

#include "fechatter_core/model/search.hpp"
#include "fechatter_server/search/tokens.hpp"

namespace fechatter::server {

// Where a term matches in a text: bytes.
struct TextMatch {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// The matches of a term in the text of these tokens, in no order, of an excluded term too. A word
// matches with typing errors only in a text where it does not match exactly. A term of several
// words (an e-mail address, Chinese characters) matches as a phrase: the same words at the same
// distances. REQUIRES: `tokens` are those of one text, in order. Pure; any thread.
std::vector<TextMatch> text_matches(const SearchTerm& term, const std::vector<Token>& tokens);

}  // namespace fechatter::server
