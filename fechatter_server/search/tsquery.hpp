#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fechatter_core/service/search_index.hpp"
#include "fechatter_server/search/tokens.hpp"

// Queries and documents in the text formats of tsquery and tsvector.
namespace fechatter::server {

// How similar a message's words must be to those of the query.
enum class Similarity { exact, prefix, misspelt };

// Words of the index of which `token` may be a misspelling.
using Corrections = std::function<std::vector<std::string>(const std::string& token)>;

// The conditions of a query on the words and traits of a message: tsqueries that must all match.
// `corrections` is called for Similarity::misspelt only.
std::vector<std::string> to_tsqueries(const IndexQuery& query, Similarity similarity,
                                      const Corrections& corrections);

// Whether a query has a term that matches as a prefix, or a word that tolerates typing errors.
bool has_prefix(const IndexQuery& query);
bool has_tolerant_word(const IndexQuery& query);

// The words of a text with their positions, as a tsvector. It has two more kinds of lexemes, which
// no word can equal: the prefixes of words ("^wo"), and a short hash for each two neighbours
// ("&…"). There are few of these, so a prefix or a phrase of frequent words is found as fast as a
// word.
std::string to_tsvector(const std::vector<Token>& tokens);
// u:<sender>, has:file, has:link, as a tsvector.
std::string traits_of(const IndexedMessage& message);

}  // namespace fechatter::server
