#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fechatter_core/service/search_index.hpp"
#include "fechatter_server/search/tokens.hpp"

// What is sought, and what can be found, as PostgreSQL writes it.
namespace fechatter::server {

// How much like the words that were typed a message's words must be.
enum class Likeness { exact, prefix, misspelt };

// Words of the index that `token` may have been meant to be.
using Corrections = std::function<std::vector<std::string>(const std::string& token)>;

// The conditions of a query on the words and traits of a message, tsqueries that must all hold.
// `corrections` is asked for Likeness::misspelt only.
std::vector<std::string> to_tsqueries(const IndexQuery& query, Likeness likeness,
                                      const Corrections& corrections);

// Whether a query asks for more when that likeness is enough: whether there is a beginning of a
// word in it, or a word that forgives errors.
bool has_prefix(const IndexQuery& query);
bool has_forgiving_word(const IndexQuery& query);

// The words of a text with their positions, as tsvector reads them. Beside them stand, as no word
// does, what they begin with ("^wo") and which two are neighbours ("&" and a short hash): of these
// there are few, so a beginning or a phrase of frequent words is found as fast as a word is.
std::string to_tsvector(const std::vector<Token>& tokens);
// u:<sender>, has:file, has:link: the same.
std::string traits_of(const IndexedMessage& message);

}  // namespace fechatter::server
