#pragma once

#include <cstdint>
#include <vector>

#include "fechatter_core/model/search.hpp"
#include "fechatter_server/search/tokens.hpp"

namespace fechatter::server {

// A place of a text where something was looked for and found: bytes.
struct Find {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// Where a term is in the text of these tokens, in no order; the excluded ones too. A word is looked
// for with typing errors only where it is nowhere without; a term of several words (an e-mail
// address, characters of Chinese) is as a phrase: the same words at the same distances. REQUIRES:
// `tokens` are those of one text, in order. Any thread.
std::vector<Find> finds_of(const SearchTerm& term, const std::vector<Token>& tokens);

}  // namespace fechatter::server
